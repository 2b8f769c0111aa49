//! What is recorded, which cameras there are, and what they look at.

use crate::document::Section;
use crate::facts::{Camera, Facts, Keeps, Mode, Spot, Style, ZoneKind};
use crate::language::{Language, tell};
use crate::map;

pub(crate) fn recorded(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Wat wordt opgenomen?", "Was wird aufgenommen?", "What is recorded?");
    let mut kinds: Vec<String> = Vec::new();
    if facts.pictures() {
        kinds.push(tell!(
            language,
            "Beelden met datum en tijd, waarop gezichten onherkenbaar zijn gemaakt",
            "Bilder mit Datum und Uhrzeit, auf denen Gesichter unkenntlich gemacht sind",
            "Pictures with date and time, on which faces are made unrecognisable"
        ));
        if facts.depth() {
            kinds.push(tell!(
                language,
                "Afstanden tot de camera, die laten zien waar iemand staat en beweegt",
                "Abstände zur Kamera, die zeigen, wo jemand steht und sich bewegt",
                "Distances from the camera, which show where somebody stands and moves"
            ));
        }
        if facts.gestures {
            kinds.push(tell!(
                language,
                "Bewegingen zoals grijpen, pakken en terugleggen, en hoe lang iemand ergens is",
                "Bewegungen wie Greifen, Nehmen und Zurücklegen, und wie lange jemand irgendwo ist",
                "Movements such as reaching, taking and putting back, and how long somebody is somewhere"
            ));
        }
    }
    if facts.audience.is_some() {
        kinds.push(tell!(
            language,
            "Aantallen blikken naar schermen",
            "Anzahlen von Blicken auf Bildschirme",
            "Counts of glances at screens"
        ));
    }
    let data = kinds.into_iter().map(|kind| format!("{kind}.")).collect();
    let never = tell!(
        language,
        "Geen geluid. Niemand wordt herkend of gevolgd tussen bezoeken, er is geen gezichtsherkenning, er worden geen biometrische gegevens bewaard en er wordt niets automatisch over u besloten.",
        "Kein Ton. Niemand wird erkannt oder über mehrere Besuche verfolgt, es gibt keine Gesichtserkennung, es werden keine biometrischen Daten gespeichert, und nichts wird automatisch über Sie entschieden.",
        "No sound. Nobody is recognised, or followed from one visit to the next; there is no face recognition, no biometric data are kept, and nothing is decided about you automatically."
    );
    let still = tell!(
        language,
        "Kleding, manier van lopen en tijd blijven zichtbaar. Wat wij bewaren, zijn dus nog steeds persoonsgegevens.",
        "Kleidung, Gang und Uhrzeit bleiben sichtbar. Was wir speichern, sind also weiterhin personenbezogene Daten.",
        "Clothes, gait and time stay visible. So what we keep is still personal data."
    );
    Section::new("recorded", title)
        .with_all("data", tell!(language, "Gegevens", "Daten", "Data"), data)
        .with("never", tell!(language, "Wat niet gebeurt", "Was nicht geschieht", "What is not done"), never)
        .with("still", tell!(language, "Wat zichtbaar blijft", "Was sichtbar bleibt", "What stays visible"), still)
}

pub(crate) fn cameras(facts: &Facts, language: Language) -> Section {
    let title = tell!(language, "Waar hangen de camera's?", "Wo hängen die Kameras?", "Where are the cameras?");
    let section = facts.cameras.iter().fold(Section::new("cameras", title), |section, camera| {
        let id = &camera.id;
        let label = tell!(language, "Camera {id}", "Kamera {id}", "Camera {id}");
        section.with_all(&format!("camera-{id}"), label, self::camera(camera, language))
    });
    match map::draw(facts, language) {
        Some(drawing) => section
            .with(
                "map",
                tell!(language, "Plattegrond", "Grundriss", "Sketch map"),
                tell!(
                    language,
                    "De winkel van boven, met de camera's en de plekken waarvan zij de bewegingen tellen. Alleen wat is opgemeten, staat erop.",
                    "Der Laden von oben, mit den Kameras und den Stellen, deren Bewegungen sie zählen. Nur was ausgemessen ist, ist eingezeichnet.",
                    "The shop from above, with the cameras and the places whose movements they count. Only what was measured is drawn."
                ),
            )
            .drawn(drawing),
        None => section,
    }
}

fn camera(camera: &Camera, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(camera.what.as_ref().map(|what| format!("{}.", what.get(language).trim_end_matches('.'))));
    lines.extend(camera.spot.map(|spot| self::spot(spot, language)));
    match camera.keeps {
        Keeps::Counts => lines.push(tell!(
            language,
            "Van deze camera wordt geen beeld bewaard, alleen wat is geteld.",
            "Von dieser Kamera wird kein Bild gespeichert, nur was gezählt wurde.",
            "No picture of this camera is kept, only what was counted."
        )),
        Keeps::Pictures { depth, mode, style } => {
            lines.push(match depth {
                true => tell!(
                    language,
                    "Neemt beelden en afstanden op.",
                    "Nimmt Bilder und Abstände auf.",
                    "Records pictures and distances."
                ),
                false => tell!(language, "Neemt beelden op.", "Nimmt Bilder auf.", "Records pictures."),
            });
            lines.push(masks(mode, style, language));
        }
    }
    if !camera.zones.is_empty() {
        let zones: Vec<String> =
            camera.zones.iter().map(|zone| format!("{} ({})", zone.id, kind(zone.kind, language))).collect();
        let zones = language.list(&zones);
        lines.push(tell!(language, "Kijkt naar: {zones}.", "Achtet auf: {zones}.", "Watches: {zones}."));
    }
    if !camera.excluded.is_empty() {
        let more = camera.excluded.iter().filter(|what| what.is_none()).count();
        let mut black: Vec<String> =
            camera.excluded.iter().flatten().map(|what| what.get(language).to_owned()).collect();
        match more {
            0 => {}
            1 => black.push(tell!(language, "één ander deel", "ein anderer Teil", "one other part")),
            _ => black.push(tell!(language, "{more} andere delen", "{more} andere Teile", "{more} other parts")),
        }
        let black = language.list(&black);
        lines.push(tell!(
            language,
            "Zwart gemaakt, zodat niemand het ziet: {black}.",
            "Geschwärzt, sodass niemand es sieht: {black}.",
            "Blacked out, so that nobody sees it: {black}."
        ));
    }
    lines.extend(camera.screen.as_ref().map(|screen| {
        let (name, owner) = (&screen.name, &screen.owner);
        tell!(
            language,
            "Telt blikken naar het scherm {name}. Eigenaar: {owner}",
            "Zählt Blicke auf den Bildschirm {name}. Eigentümer: {owner}",
            "Counts glances at the screen {name}. Owner: {owner}"
        )
    }));
    lines
}

fn spot(Spot { x, y, height, pan, tilt }: Spot, language: Language) -> String {
    let metres = |centimetres: i32| {
        let text = format!("{:.2}", f64::from(centimetres) / 100.0);
        if language == Language::En { text } else { text.replace('.', ",") }
    };
    let (x, y, height) = (metres(x), metres(y), metres(height));
    tell!(
        language,
        "Hangt op {height} m hoogte (op de plattegrond: x {x} m, y {y} m), gedraaid {pan}°, gekanteld {tilt}° omlaag.",
        "Hängt in {height} m Höhe (im Grundriss: x {x} m, y {y} m), gedreht um {pan}°, um {tilt}° nach unten geneigt.",
        "Hangs {height} m high (on the map: x {x} m, y {y} m), turned by {pan}°, tilted down by {tilt}°."
    )
}

fn masks(mode: Mode, style: Style, language: Language) -> String {
    let what = match mode {
        Mode::Heads => tell!(
            language,
            "Ten minste gezichten en hoofden",
            "Mindestens Gesichter und Köpfe",
            "At least faces and heads"
        ),
        Mode::Persons => tell!(language, "Hele personen", "Ganze Personen", "Whole persons"),
        Mode::EverythingThatMoves => {
            tell!(language, "Alles wat beweegt", "Alles, was sich bewegt", "Everything that moves")
        }
    };
    match style {
        Style::Fill => tell!(
            language,
            "{what}: bedekt met één kleur. Dat kan niemand terugdraaien.",
            "{what}: mit einer Farbe bedeckt. Das kann niemand rückgängig machen.",
            "{what}: covered with one colour. Nobody can undo that."
        ),
        Style::Pixelate => tell!(
            language,
            "{what}: vervangen door hoogstens vier vlakken breed. Dat kan niemand terugdraaien.",
            "{what}: ersetzt durch höchstens vier Kästchen in der Breite. Das kann niemand rückgängig machen.",
            "{what}: replaced by at most four squares across. Nobody can undo that."
        ),
        Style::Blur => tell!(
            language,
            "{what}: vervaagd tot hoogstens vier vlakken breed. Dat kan niemand terugdraaien.",
            "{what}: verwischt auf höchstens vier Kästchen in der Breite. Das kann niemand rückgängig machen.",
            "{what}: blurred to at most four squares across. Nobody can undo that."
        ),
    }
}

pub(crate) fn kind(kind: ZoneKind, language: Language) -> String {
    match kind {
        ZoneKind::Shelf => tell!(language, "schap", "Regal", "shelf"),
        ZoneKind::Counter => tell!(language, "toonbank", "Theke", "counter"),
        ZoneKind::Basket => tell!(language, "mand", "Korb", "basket"),
        ZoneKind::Queue => tell!(language, "wachtrij", "Warteschlange", "queue"),
        ZoneKind::Screen => tell!(language, "scherm", "Bildschirm", "screen"),
    }
}

pub(crate) fn audience(facts: &Facts, language: Language) -> Option<Section> {
    let audience = facts.audience.as_ref()?;
    let title =
        tell!(language, "Schermen die blikken tellen", "Bildschirme, die Blicke zählen", "Screens that count glances");
    let counted = tell!(
        language,
        "Hoeveel mensen voor het scherm staan, hoeveel er naar kijken, en hoe lang: korter dan 1, 2, 3, 5, 10, 20, 30, 60, 120 seconden of langer. Een gezicht blijft alleen voor één beeld in het werkgeheugen. Er wordt geen gezicht en geen kenmerk van een gezicht bewaard.",
        "Wie viele Menschen vor dem Bildschirm stehen, wie viele hinsehen, und wie lange: kürzer als 1, 2, 3, 5, 10, 20, 30, 60, 120 Sekunden oder länger. Ein Gesicht bleibt nur für ein einziges Bild im Arbeitsspeicher. Es wird kein Gesicht und kein Merkmal eines Gesichts gespeichert.",
        "How many people are before the screen, how many look, and for how long: less than 1, 2, 3, 5, 10, 20, 30, 60, 120 seconds, or longer. A face stays in working memory for one picture only. No face and no feature of a face is kept."
    );
    let least = audience.smallest_group;
    let groups = tell!(
        language,
        "Alleen getallen over groepen van ten minste {least} mensen.",
        "Nur Zahlen über Gruppen von mindestens {least} Menschen.",
        "Only numbers about groups of at least {least} people."
    );
    let classes = match &audience.demographics {
        None => tell!(
            language,
            "Leeftijd en geslacht worden niet geschat.",
            "Alter und Geschlecht werden nicht geschätzt.",
            "Age and sex are not estimated."
        ),
        Some(purpose) => {
            let purpose = purpose.get(language);
            tell!(
                language,
                "Geschat worden leeftijd (18 tot 29, 30 tot 44, 45 tot 59, vanaf 60, onbekend) en geslacht (vrouw, man, onbekend). Wie jonger dan 18 kan zijn, telt als onbekend. Waarvoor: {purpose}",
                "Geschätzt werden Alter (18 bis 29, 30 bis 44, 45 bis 59, ab 60, unbekannt) und Geschlecht (Frau, Mann, unbekannt). Wer jünger als 18 sein kann, zählt als unbekannt. Wofür: {purpose}",
                "Age (18 to 29, 30 to 44, 45 to 59, from 60, unknown) and sex (female, male, unknown) are estimated. Who may be younger than 18 counts as unknown. What for: {purpose}"
            )
        }
    };
    let mut section = Section::new("audience", title)
        .with("purpose", tell!(language, "Waarvoor", "Wofür", "What for"), audience.purpose.get(language))
        .with("counted", tell!(language, "Wat wordt geteld", "Was gezählt wird", "What is counted"), counted)
        .with("groups", tell!(language, "Groepen", "Gruppen", "Groups"), groups)
        .with("classes", tell!(language, "Leeftijd en geslacht", "Alter und Geschlecht", "Age and sex"), classes);
    for screen in facts.cameras.iter().filter_map(|camera| camera.screen.as_ref()) {
        let (name, owner) = (&screen.name, &screen.owner);
        section = section.with(
            &format!("screen-{name}"),
            tell!(language, "Scherm {name}", "Bildschirm {name}", "Screen {name}"),
            tell!(language, "Eigenaar: {owner}", "Eigentümer: {owner}", "Owner: {owner}"),
        );
    }
    Some(section)
}
