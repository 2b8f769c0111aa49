//! What hangs at the entrance and at each screen, to print on A4.
//!
//! A sign is a list of simple shapes, laid out once. [`Sign::svg`] and [`Sign::pdf`] draw the same list, so they show the same.

mod code;
mod font;
mod layout;
mod pdf;
mod svg;

use crate::error::Error;
use crate::facts::{Basis, Facts, Keeps};
use crate::language::{Language, tell};
pub use code::LONGEST_ADDRESS;
use font::Face;

/// A sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    /// `entrance`, or `screen-` and the screen's name.
    pub name: String,
    title: String,
    language: Language,
    shapes: Vec<Shape>,
}

/// A shape, black but where it says otherwise. A unit is a point (1/72 inch); x grows to the right and y downwards, from the page's upper left corner.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// A rectangle.
    Rect { x: f32, y: f32, width: f32, height: f32, ink: Ink },
    /// A disc.
    Disc { x: f32, y: f32, radius: f32, ink: Ink },
    /// A polygon.
    Polygon { corners: Vec<[f32; 2]>, ink: Ink },
    /// Squares of this side, at columns and rows from the upper left corner of all.
    Squares { x: f32, y: f32, side: f32, at: Vec<[u16; 2]> },
    /// A line of text; y is that of its baseline.
    Text { x: f32, y: f32, size: f32, face: Face, text: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Black,
    White,
}

/// A4, in points (ISO 216: 210 mm by 297 mm).
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;

/// All signs of these facts in one language: the entrance's first, then one for each screen.
///
/// # Errors
///
/// [`Error::TooLong`], [`Error::Letter`], [`Error::Address`] when one cannot be drawn.
pub fn signs(facts: &Facts, language: Language) -> Result<Vec<Sign>, Error> {
    let mut signs = vec![entrance(facts, language)?];
    for camera in &facts.cameras {
        if let (Some(screen), Some(audience)) = (&camera.screen, &facts.audience) {
            let (name, owner) = (&screen.name, &screen.owner);
            let mut lines = vec![
                (tell!(language, "Scherm", "Bildschirm", "Screen"), format!("{name} · {owner}")),
                (
                    tell!(language, "Wat het telt", "Was er zählt", "What it counts"),
                    tell!(
                        language,
                        "Dat iemand kijkt, en hoe lang. Alleen aantallen, over groepen.",
                        "Dass jemand hinsieht, und wie lange. Nur Anzahlen, über Gruppen.",
                        "That somebody looks, and for how long. Only counts, about groups."
                    ),
                ),
                (purposes(language), audience.purpose.get(language).to_owned()),
            ];
            lines.push((
                tell!(language, "Leeftijd en geslacht", "Alter und Geschlecht", "Age and sex"),
                match &audience.demographics {
                    Some(purpose) => {
                        let purpose = purpose.get(language);
                        tell!(
                            language,
                            "Worden geschat, in grove groepen: {purpose}",
                            "Werden in groben Gruppen geschätzt: {purpose}",
                            "Are estimated, in coarse groups: {purpose}"
                        )
                    }
                    None => tell!(language, "Worden niet geschat.", "Werden nicht geschätzt.", "Are not estimated."),
                },
            ));
            lines.push((kept(language), kept_of(facts, camera.keeps != Keeps::Counts, language)));
            lines.extend(common(facts, language));
            let title = tell!(
                language,
                "Dit scherm telt blikken",
                "Dieser Bildschirm zählt Blicke",
                "This screen counts glances"
            );
            signs.push(layout::sign(format!("screen-{name}"), title, language, &lines, &facts.url)?);
        }
    }
    Ok(signs)
}

fn entrance(facts: &Facts, language: Language) -> Result<Sign, Error> {
    let list: Vec<String> = facts.purposes.iter().map(|purpose| purpose.get(language).to_owned()).collect();
    let mut lines =
        vec![(purposes(language), list.join("; ")), (kept(language), kept_of(facts, facts.pictures(), language))];
    lines.extend(common(facts, language));
    let route = tell!(language, "Liever zonder camera's", "Lieber ohne Kameras", "Rather without cameras");
    lines.push((route, facts.without_cameras.get(language).to_owned()));
    let title = tell!(language, "Hier zijn camera's", "Hier sind Kameras", "Cameras in use");
    layout::sign("entrance".to_owned(), title, language, &lines, &facts.url)
}

fn purposes(language: Language) -> String {
    tell!(language, "Waarvoor", "Wofür", "What for")
}

fn kept(language: Language) -> String {
    tell!(language, "Wat wij bewaren", "Was wir speichern", "What we keep")
}

fn kept_of(facts: &Facts, pictures: bool, language: Language) -> String {
    let hours = language.hours(facts.retention.hours);
    let most = match facts.retention.may_be_held() {
        true => tell!(language, "in de regel hoogstens", "in der Regel höchstens", "as a rule for at most"),
        false => tell!(language, "hoogstens", "höchstens", "for at most"),
    };
    match pictures {
        true => tell!(
            language,
            "Beelden met onherkenbare gezichten, versleuteld, {most} {hours}.",
            "Bilder mit unkenntlichen Gesichtern, verschlüsselt, {most} {hours}.",
            "Pictures with unrecognisable faces, encrypted, {most} {hours}."
        ),
        false => tell!(
            language,
            "Geen beelden. Alleen aantallen, {most} {hours}.",
            "Keine Bilder. Nur Anzahlen, {most} {hours}.",
            "No pictures. Only counts, {most} {hours}."
        ),
    }
}

/// Who, and which rights.
fn common(facts: &Facts, language: Language) -> [(String, String); 2] {
    let who = format!("{}, {}", facts.controller.name, facts.controller.address);
    let contact = facts.contact();
    let rights = match facts.basis {
        Basis::LegitimateInterests { .. } => tell!(
            language,
            "Bezwaar maken, een kopie krijgen, laten wissen: {contact}",
            "Widersprechen, eine Kopie bekommen, löschen lassen: {contact}",
            "Object, get a copy, have data erased: {contact}"
        ),
        Basis::Consent => tell!(
            language,
            "Toestemming intrekken, een kopie krijgen, laten wissen: {contact}",
            "Einwilligung widerrufen, eine Kopie bekommen, löschen lassen: {contact}",
            "Withdraw consent, get a copy, have data erased: {contact}"
        ),
    };
    [(tell!(language, "Wie", "Wer", "Who"), who), (tell!(language, "Uw rechten", "Ihre Rechte", "Your rights"), rights)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::sample;

    fn texts(sign: &Sign) -> String {
        let texts = sign.shapes.iter().filter_map(|shape| match shape {
            Shape::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn there_is_a_sign_for_the_entrance_and_one_for_each_screen() {
        let signs = signs(&sample(), Language::En).unwrap();
        let names: Vec<&str> = signs.iter().map(|sign| sign.name.as_str()).collect();
        assert_eq!(names, ["entrance", "screen-checkout-3"]);
        let (entrance, screen) = (texts(&signs[0]), texts(&signs[1]));
        for said in [
            "Cameras in use",
            "Bakery & Sons B.V.",
            "to shorten waiting",
            "30 days",
            "privacy@example.nl",
            "example.nl/privacy",
        ] {
            assert!(entrance.contains(said), "{said}: {entrance}");
        }
        for said in ["counts glances", "Screens B.V.", "No pictures", "coarse groups", "privacy@example.nl"] {
            assert!(screen.contains(said), "{said}: {screen}");
        }
    }

    #[test]
    fn nothing_lies_outside_the_page_or_on_the_code() {
        for language in Language::ALL {
            for sign in signs(&sample(), language).unwrap() {
                let code = sign.shapes.iter().find_map(|shape| match shape {
                    Shape::Squares { y, .. } => Some(*y),
                    _ => None,
                });
                let code = code.unwrap();
                for shape in &sign.shapes {
                    let Shape::Text { x, y, size, face, text } = shape else { continue };
                    let right = x + font::width(text, *face) * size;
                    assert!(
                        *x >= 36.0 && right <= WIDTH - 36.0 && *y <= HEIGHT - 24.0,
                        "{text} at {x}, {y} to {right}"
                    );
                    assert!(*y < code || *x > 200.0 || *y > HEIGHT - 60.0, "{text} is on the code");
                }
            }
        }
    }

    #[test]
    fn a_telephone_can_read_the_code_from_the_page() {
        let facts = sample();
        let sign = signs(&facts, Language::Nl).unwrap().remove(0);
        let (side, at) = sign
            .shapes
            .iter()
            .find_map(|shape| match shape {
                Shape::Squares { side, at, .. } => Some((*side, at.clone())),
                _ => None,
            })
            .unwrap();
        assert!(side >= 2.5, "a square is {side} points: 0.9 mm can be read from arm's length");
        let (scale, quiet) = (4, 4);
        let size = usize::from(at.iter().flatten().max().unwrap() + 1);
        let pixels = (size + 2 * quiet) * scale;
        let black = |x: usize, y: usize| {
            let cell = |p: usize| (p / scale).checked_sub(quiet).map(|c| c as u16);
            cell(x).zip(cell(y)).is_some_and(|(x, y)| at.contains(&[x, y]))
        };
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(pixels, pixels, black);
        let (_, read) = image.detect_grids()[0].decode().unwrap();
        assert_eq!(read, facts.url);
    }

    #[test]
    fn what_does_not_fit_or_cannot_be_set_is_an_error_that_says_what_to_do() {
        let mut long = sample();
        long.purposes[0].en = "to know ".repeat(600);
        assert!(matches!(signs(&long, Language::En), Err(Error::TooLong { sign }) if sign == "entrance"));
        let mut foreign = sample();
        foreign.controller.name = "Łódź".to_owned();
        assert!(matches!(signs(&foreign, Language::En), Err(Error::Letter { letter: 'Ł', .. })));
        let mut address = sample();
        address.url = format!("https://example.nl/{}", "a".repeat(600));
        assert!(matches!(signs(&address, Language::En), Err(Error::Address { .. })));
    }

    #[test]
    fn both_formats_show_the_same() {
        for sign in signs(&sample(), Language::De).unwrap() {
            let (svg, pdf) = (sign.svg(), sign.pdf().unwrap());
            let parsed = roxmltree::Document::parse(&svg).unwrap();
            let texts = parsed.descendants().filter(|node| node.has_tag_name("text")).count();
            assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"), "{} bytes", pdf.len());
            let shows = |what: &[u8]| pdf.windows(what.len()).filter(|window| *window == what).count();
            assert_eq!(shows(b" Tj"), texts, "as many lines of text");
            assert_eq!((shows(b"/WinAnsiEncoding"), shows(b"/Lang")), (2, 1));
            // The table of objects is where the end of the file says.
            let end = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
            let at: usize = end.split("startxref").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
            assert!(pdf[at..].starts_with(b"xref\n"), "{end}");
            assert!(svg.contains("width=\"210mm\"") && !svg.contains("href"));
        }
    }
}
