//! Words: how they are folded, and what they mean.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::place::ZoneKind;
use crate::request::Language;

/// Lower case, without accents: `Fünf` is `funf`, `café` is `cafe`, `Straße` is `strasse`.
pub(super) fn fold(text: &str) -> String {
    let lower = text.to_lowercase().replace('ß', "ss").replace(['’', '‘', '`', '´'], "'");
    lower.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// Words of letters and digits.
pub(super) fn split(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// What a zone is called, folded; the longest ones also within compounds (`broodschap`, `Brotregal`).
pub(super) const fn zone_words(kind: ZoneKind) -> &'static [&'static str] {
    match kind {
        ZoneKind::Shelf => &[
            "shelf",
            "shelves",
            "rack",
            "racks",
            "schap",
            "schappen",
            "rek",
            "rekken",
            "stelling",
            "stellingen",
            "vak",
            "vakken",
            "regal",
            "regale",
            "regalen",
            "fach",
            "facher",
        ],
        ZoneKind::Counter => &[
            "counter",
            "counters",
            "checkout",
            "checkouts",
            "till",
            "tills",
            "kassa",
            "kassas",
            "toonbank",
            "balie",
            "kasse",
            "kassen",
            "theke",
            "theken",
            "tresen",
        ],
        ZoneKind::Basket => &[
            "basket",
            "baskets",
            "trolley",
            "trolleys",
            "cart",
            "carts",
            "mand",
            "mandje",
            "mandjes",
            "winkelwagen",
            "winkelwagens",
            "karretje",
            "korb",
            "korbe",
            "korben",
            "einkaufswagen",
        ],
        ZoneKind::Queue => {
            &["queue", "queues", "line", "rij", "rijen", "wachtrij", "schlange", "schlangen", "warteschlange"]
        }
        ZoneKind::Screen => &[
            "screen",
            "screens",
            "display",
            "displays",
            "scherm",
            "schermen",
            "beeldscherm",
            "bildschirm",
            "bildschirme",
            "bildschirmen",
            "monitor",
            "monitore",
            "monitoren",
        ],
    }
}

/// Words that say nothing of a place: they fit no name.
pub(super) const STOP: &[&str] = &[
    "a", "aan", "am", "an", "and", "at", "beim", "bei", "behind", "beside", "bij", "by", "close", "das", "de", "dem",
    "den", "der", "des", "die", "een", "ein", "eine", "einem", "einer", "en", "from", "het", "hinter", "i", "ich",
    "ik", "im", "in", "ins", "into", "langs", "met", "mit", "naast", "nabij", "near", "neben", "next", "of", "on",
    "op", "over", "stond", "stand", "stood", "the", "to", "und", "van", "vom", "von", "voor", "vor", "war", "was",
    "with",
];

/// The whole shop.
pub(super) const EVERYWHERE: &[&str] = &["everywhere", "anywhere", "overal", "uberall", "allcameras", "ueberall"];

/// Numbers from nought to twelve and some more, as hours and minutes are told, with the language that they are of where there is only one.
pub(super) fn number(word: &str) -> Option<(u8, Option<Language>)> {
    /// In Dutch, German and English.
    type Spellings = [&'static [&'static str]; 3];
    const WORDS: [(u8, Spellings); 17] = [
        (1, [&["een"], &["eins", "ein"], &["one"]]),
        (2, [&["twee"], &["zwei", "zwo"], &["two"]]),
        (3, [&["drie"], &["drei"], &["three"]]),
        (4, [&["vier"], &["vier"], &["four"]]),
        (5, [&["vijf"], &["funf", "fuenf"], &["five"]]),
        (6, [&["zes"], &["sechs"], &["six"]]),
        (7, [&["zeven"], &["sieben"], &["seven"]]),
        (8, [&["acht"], &["acht"], &["eight"]]),
        (9, [&["negen"], &["neun"], &["nine"]]),
        (10, [&["tien"], &["zehn"], &["ten"]]),
        (11, [&["elf"], &["elf"], &["eleven"]]),
        (12, [&["twaalf"], &["zwolf", "zwoelf"], &["twelve"]]),
        (15, [&["vijftien"], &["funfzehn", "fuenfzehn"], &["fifteen"]]),
        (20, [&["twintig"], &["zwanzig"], &["twenty"]]),
        (25, [&["vijfentwintig"], &["funfundzwanzig", "fuenfundzwanzig"], &["twentyfive"]]),
        (30, [&["dertig"], &["dreissig"], &["thirty"]]),
        (40, [&["veertig"], &["vierzig"], &["forty"]]),
    ];
    WORDS.iter().find_map(|(value, [dutch, german, english])| {
        let of = [(Language::Dutch, dutch), (Language::German, german), (Language::English, english)];
        let mut of = of.into_iter().filter(|(_, words)| words.contains(&word)).map(|(language, _)| language);
        let first = of.next()?;
        Some((*value, of.next().map_or(Some(first), |_| None)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_folded() {
        assert_eq!(fold("Fünf, Café, STRASSE, Straße, één"), "funf, cafe, strasse, strasse, een");
        assert_eq!(split("the shelf, by-the door!"), ["the", "shelf", "by", "the", "door"]);
    }

    #[test]
    fn a_number_knows_its_language_where_there_is_one() {
        assert_eq!(number("twee"), Some((2, Some(Language::Dutch))));
        assert_eq!(number("elf"), Some((11, None)));
        assert_eq!(number("shelf"), None);
    }
}
