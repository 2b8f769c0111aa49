//! What the cameras do now, for the head of the notice's page.
//!
//! The service writes it every few seconds beside the published notices (`now.json`); whoever serves the page reads it. What was written a while ago is not believed: then nobody knows.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document::Section;
use crate::error::Error;
use crate::html::escape;
use crate::language::{Language, tell};

/// What is written longer ago than this is not believed.
pub const STALE: SignedDuration = SignedDuration::from_secs(60);

/// What the service does at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Now {
    /// The moment.
    pub at: Timestamp,
    /// What each camera does.
    pub cameras: Vec<Camera>,
    /// The components that look at pictures.
    pub components: Vec<Component>,
    /// What became of the pictures lately.
    pub lately: Lately,
    /// Recordings that are kept: so many, each of one camera and a minute or so.
    pub recordings: u64,
    /// When the oldest of them began.
    pub oldest: Option<Timestamp>,
    /// When the next of them is destroyed.
    pub next_deletion: Option<Timestamp>,
}

/// A camera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Camera {
    /// Its name.
    pub id: String,
    /// What it does.
    pub does: Does,
    /// Parts of its picture that are paused, and black.
    pub paused: Vec<String>,
}

/// What a camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// It films, and what it films is recorded, or counted.
    Films,
    /// It is paused.
    Paused,
    /// It is outside its hours or days.
    Rests,
    /// The notice of what it would do is not published.
    WaitsForNotice,
    /// It does not work.
    Fails,
    /// It is about to begin.
    Begins,
    /// It was a recording, and is over.
    Over,
}

/// A component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// What it is there for: its world.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Pictures of all cameras, of the last hour or since the service began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lately {
    /// Over so many minutes.
    pub minutes: u32,
    /// Recorded as they were masked first.
    pub recorded: u64,
    /// Recorded after stricter masking.
    pub stricter: u64,
    /// Recorded as a blank.
    pub blank: u64,
    /// Never looked at, for want of time.
    pub dropped: u64,
    /// In which the check found something.
    pub findings: u64,
}

const FILE: &str = "now.json";

// === impl Now ===

impl Now {
    /// Writes it into the folder of the notices, which must be there.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(folder)
            .map_err(Error::file(folder, "write into"))?;
        let written = serde_json::to_writer(&mut file, self).map_err(io::Error::from).and_then(|()| {
            file.flush()?;
            file.as_file().set_permissions(Permissions::from_mode(0o644))
        });
        written.map_err(Error::file(&path, "write"))?;
        // Not brought to the disk: after a crash nothing of it is true.
        file.persist(&path).map(drop).map_err(|error| Error::file(&path, "write")(error.error))
    }

    /// Reads it. `None` when nothing was written, or too long ago to be believed at `now`.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::Damaged`].
    pub fn read(folder: &Path, now: Timestamp) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file(&path, "read")(error)),
        };
        let written: Self = serde_json::from_slice(&text)
            .map_err(|e| Error::Damaged { path, why: format!("it cannot be read: {e}") })?;
        Ok(Some(written).filter(|written| now.duration_since(written.at).abs() <= STALE))
    }
}

/// The head of the page: what is done now, or that it is not known. `still` gives the address of a camera's still, where there is one.
pub fn section(
    now: Option<&Now>,
    zone: &TimeZone,
    language: Language,
    still: impl Fn(&str) -> Option<String>,
) -> Section {
    let title = tell!(language, "Wat gebeurt er nu?", "Was geschieht jetzt?", "What happens now?");
    let section = Section::new("now", title);
    let Some(now) = now else {
        return section.with(
            "state",
            tell!(language, "Nu", "Jetzt", "Now"),
            tell!(
                language,
                "Het programma meldt niets. Waarschijnlijk draait het niet, en dan wordt er niets opgenomen.",
                "Das Programm meldet nichts. Wahrscheinlich läuft es nicht, und dann wird nichts aufgenommen.",
                "The program reports nothing. Most likely it does not run, and then nothing is recorded."
            ),
        );
    };
    let time = |at: Timestamp| {
        let at = at.to_zoned(zone.clone());
        format!("{}, {}", language.date(at.date()), at.strftime("%H:%M"))
    };
    let films = now.cameras.iter().filter(|camera| camera.does == Does::Films).count();
    let (all, at) = (now.cameras.len(), time(now.at));
    let state = match films {
        0 => tell!(
            language,
            "Op dit moment filmt geen camera ({at}).",
            "Zurzeit filmt keine Kamera ({at}).",
            "No camera films at the moment ({at})."
        ),
        _ => tell!(
            language,
            "{films} van {all} camera's filmen ({at}).",
            "{films} von {all} Kameras filmen ({at}).",
            "{films} of {all} cameras film ({at})."
        ),
    };
    let mut section = section.with("state", tell!(language, "Nu", "Jetzt", "Now"), state);
    for camera in &now.cameras {
        let mut text = vec![does(camera.does, language)];
        if !camera.paused.is_empty() {
            let zones = language.list(&camera.paused);
            text.push(tell!(
                language,
                "Zwart gemaakt op verzoek: {zones}.",
                "Auf Wunsch geschwärzt: {zones}.",
                "Blacked out on request: {zones}."
            ));
        }
        section = section.with_all(&format!("camera-{}", camera.id), &camera.id, text);
        if let Some(address) = still(&camera.id) {
            let (id, address) = (escape(&camera.id), escape(&address));
            let about = tell!(
                language,
                "Wat camera {id} bewaart: een beeld uit de laatste opname, hoofden gemaskeerd",
                "Was Kamera {id} aufbewahrt: ein Bild der letzten Aufnahme, Köpfe verdeckt",
                "What camera {id} keeps: a picture of the latest recording, heads masked"
            );
            section = section.drawn(format!("<img src=\"{address}\" alt=\"{about}\" loading=\"lazy\">"));
        }
    }
    section
        .with(
            "components",
            tell!(language, "Programma's die kijken", "Programme, die hinsehen", "Programs that look"),
            components(now, language),
        )
        .with("lately", tell!(language, "Laatste uur", "Letzte Stunde", "The last hour"), lately(&now.lately, language))
        .with("kept", tell!(language, "Bewaard", "Aufbewahrt", "Kept"), kept(now, language, time))
}

fn does(does: Does, language: Language) -> String {
    match does {
        Does::Films => tell!(language, "Filmt.", "Filmt.", "Films."),
        Does::Paused => tell!(
            language,
            "Gepauzeerd: er wordt niets opgenomen.",
            "Angehalten: Es wird nichts aufgenommen.",
            "Paused: nothing is recorded."
        ),
        Does::Rests => tell!(
            language,
            "Uit, want het is buiten de tijden van de opnamen.",
            "Aus, denn es ist außerhalb der Aufnahmezeiten.",
            "Off: these are not the times of recording."
        ),
        Does::WaitsForNotice => tell!(
            language,
            "Uit, want deze verklaring moet eerst worden bijgewerkt.",
            "Aus, denn dieser Hinweis muss erst erneuert werden.",
            "Off: this notice has to be brought up to date first."
        ),
        Does::Fails => tell!(language, "Werkt niet.", "Funktioniert nicht.", "Does not work."),
        Does::Begins => tell!(language, "Begint zo.", "Beginnt gleich.", "About to begin."),
        Does::Over => tell!(language, "Is klaar.", "Ist zu Ende.", "Is over."),
    }
}

fn components(now: &Now, language: Language) -> String {
    let told = now.components.iter().map(|component| {
        let Component { role, name, version } = component;
        let role = match role.as_str() {
            "privacy-filter" => {
                tell!(language, "vindt hoofden om te maskeren", "findet Köpfe zum Verdecken", "finds heads to mask")
            }
            "anonymisation-audit" => tell!(
                language,
                "controleert elk beeld daarna",
                "prüft danach jedes Bild",
                "checks each picture afterwards"
            ),
            "gesture-detector" => tell!(language, "herkent handelingen", "erkennt Handlungen", "detects gestures"),
            "audience-meter" => tell!(
                language,
                "telt wie naar schermen kijkt",
                "zählt, wer auf Bildschirme schaut",
                "counts who looks at screens"
            ),
            other => other.to_owned(),
        };
        format!("{name} {version}: {role}")
    });
    told.collect::<Vec<_>>().join("; ") + "."
}

fn lately(lately: &Lately, language: Language) -> String {
    let Lately { minutes, recorded, stricter, blank, dropped, findings } = lately;
    tell!(
        language,
        "Minuten: {minutes}. Beelden opgenomen: {recorded}; strenger gemaskeerd: {stricter}; zwart opgenomen: {blank}; overgeslagen: {dropped}. Beelden waarin de controle iets vond dat beter gemaskeerd moest worden: {findings}.",
        "Minuten: {minutes}. Bilder aufgenommen: {recorded}; strenger verdeckt: {stricter}; schwarz aufgenommen: {blank}; ausgelassen: {dropped}. Bilder, in denen die Prüfung etwas fand, das besser verdeckt werden musste: {findings}.",
        "Minutes: {minutes}. Pictures recorded: {recorded}; masked more strictly: {stricter}; recorded as black: {blank}; left out: {dropped}. Pictures in which the check found something that had to be masked better: {findings}."
    )
}

fn kept(now: &Now, language: Language, time: impl Fn(Timestamp) -> String) -> String {
    let (Some(oldest), Some(next)) = (now.oldest.map(&time), now.next_deletion.map(&time)) else {
        return tell!(language, "Er is niets bewaard.", "Es ist nichts aufbewahrt.", "Nothing is kept.");
    };
    let recordings = now.recordings;
    tell!(
        language,
        "{recordings} opnamen. De oudste is van {oldest}. De volgende wordt vernietigd op {next}.",
        "{recordings} Aufnahmen. Die älteste ist vom {oldest}. Die nächste wird am {next} vernichtet.",
        "{recordings} recordings. The oldest is of {oldest}. The next one is destroyed on {next}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Now {
        let at: Timestamp = "2026-07-21T10:00:00Z".parse().unwrap();
        let camera = |id: &str, does| Camera { id: id.to_owned(), does, paused: Vec::new() };
        Now {
            at,
            cameras: vec![
                Camera { paused: vec!["bread".to_owned()], ..camera("shelves", Does::Films) },
                camera("queue", Does::Paused),
            ],
            components: vec![Component {
                role: "privacy-filter".to_owned(),
                name: "face-blur".to_owned(),
                version: "0.2.0".to_owned(),
            }],
            lately: Lately { minutes: 60, recorded: 54_000, stricter: 12, blank: 3, dropped: 40, findings: 15 },
            recordings: 1440,
            oldest: Some(at - SignedDuration::from_hours(72)),
            next_deletion: Some(at + SignedDuration::from_mins(1)),
        }
    }

    #[test]
    fn what_was_written_is_read_until_it_is_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let now = now();
        assert_eq!(Now::read(folder.path(), now.at).unwrap(), None);
        now.write(folder.path()).unwrap();
        assert_eq!(Now::read(folder.path(), now.at + STALE).unwrap(), Some(now.clone()));
        assert_eq!(Now::read(folder.path(), now.at + STALE + SignedDuration::from_secs(1)).unwrap(), None);
        // A clock that was set back is no proof either.
        assert_eq!(Now::read(folder.path(), now.at - SignedDuration::from_hours(1)).unwrap(), None);
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(matches!(Now::read(folder.path(), now.at), Err(Error::Damaged { .. })));
    }

    #[test]
    fn the_page_says_what_each_camera_does_in_the_shops_time() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let still = |id: &str| (id == "shelves").then(|| "/stills/shelves.png".to_owned());
        for (language, expected) in [
            (
                Language::Nl,
                [
                    "1 van 2 camera's filmen (21 juli 2026, 12:00).",
                    "Zwart gemaakt op verzoek: bread.",
                    "18 juli 2026, 12:00",
                ],
            ),
            (
                Language::De,
                [
                    "1 von 2 Kameras filmen (21. Juli 2026, 12:00).",
                    "Auf Wunsch geschwärzt: bread.",
                    "18. Juli 2026, 12:00",
                ],
            ),
            (
                Language::En,
                ["1 of 2 cameras film (21 July 2026, 12:00).", "Blacked out on request: bread.", "18 July 2026, 12:00"],
            ),
        ] {
            let section = section(Some(&now()), &zone, language, still);
            let text = section.items.iter().flat_map(|item| &item.text).cloned().collect::<Vec<_>>().join("\n");
            for part in expected {
                assert!(text.contains(part), "{language}: {text}");
            }
            let pictures: Vec<_> = section.items.iter().filter_map(|item| item.drawing.as_ref()).collect();
            assert!(pictures.len() == 1 && pictures[0].contains("src=\"/stills/shelves.png\""), "{pictures:?}");
        }
    }

    #[test]
    fn what_reports_nothing_is_not_said_to_record_nothing() {
        let section = section(None, &TimeZone::UTC, Language::En, |_| None);
        assert_eq!(
            section.items[0].text,
            ["The program reports nothing. Most likely it does not run, and then nothing is recorded."]
        );
    }
}
