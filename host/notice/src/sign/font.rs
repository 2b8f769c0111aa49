//! Helvetica, as every reader of PDF has it: widths of its letters, and text in lines of them.
//!
//! The widths are those of Adobe's metrics of the 14 standard fonts (`Helvetica.afm`, `Helvetica-Bold.afm`; "Font Metrics for PDF Core 14 Fonts"), in the order of `WinAnsiEncoding` (ISO
//! 32000-1, annex D), in thousandths of the size. A browser without Helvetica takes another of the same widths: Arial, Liberation Sans, Nimbus Sans.

/// A face of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Regular,
    Bold,
}

/// Of the codes from 32 on, regular.
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584, 350, 556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350, 350, 222,
    222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667, 278, 333, 556, 556, 556, 556, 260, 556,
    333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834,
    611, 667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778,
    778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278,
    278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Of the codes from 32 on, bold.
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
    556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
    280, 389, 584, 350, 556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350, 350, 278,
    278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667, 278, 333, 556, 556, 556, 556, 280, 556,
    333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834,
    611, 722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778,
    778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278,
    278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

/// What stands at the codes 128 to 159; zero where nothing does.
const MIDDLE: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', //
    '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// A letter in `WinAnsiEncoding`, if it has it.
fn code(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok(),
        '\0' => None,
        _ => MIDDLE.iter().position(|other| *other == letter).map(|at| 128 + at as u8),
    }
}

/// Text in `WinAnsiEncoding`.
///
/// # Errors
///
/// The first letter that it lacks.
pub(crate) fn encode(text: &str) -> Result<Vec<u8>, char> {
    text.chars().map(|letter| code(letter).ok_or(letter)).collect()
}

/// How wide text is, at a size of 1. Letters that the font lacks are as wide as an m.
pub(crate) fn width(text: &str, face: Face) -> f32 {
    let widths = if face == Face::Bold { &BOLD } else { &REGULAR };
    let of = |letter| u32::from(widths[usize::from(code(letter).unwrap_or(b'm')) - 32]);
    text.chars().map(of).sum::<u32>() as f32 / 1000.0
}

/// Text in lines of at most this width. A word that is wider is broken.
pub(crate) fn wrap(text: &str, face: Face, size: f32, most: f32) -> Vec<String> {
    let fits = |line: &str| width(line, face) * size <= most;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if !fits(&line) && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_the_widths_of_adobes_metrics() {
        for (letter, regular, bold) in [
            (' ', 278, 278),
            ('A', 667, 722),
            ('i', 222, 278),
            ('@', 1015, 975),
            ('€', 556, 556),
            ('ß', 611, 611),
            ('ÿ', 500, 556),
        ] {
            let text = letter.to_string();
            assert_eq!((width(&text, Face::Regular) * 1000.0).round() as u16, regular, "{letter}");
            assert_eq!((width(&text, Face::Bold) * 1000.0).round() as u16, bold, "{letter}");
        }
    }

    #[test]
    fn text_is_encoded_or_the_letter_named_that_cannot_be() {
        assert_eq!(encode("Ä–€").unwrap(), [0xc4, 0x96, 0x80]);
        assert_eq!(encode("Łódź"), Err('Ł'));
        assert_eq!(encode("a\u{1b}"), Err('\u{1b}'));
    }

    #[test]
    fn lines_are_no_wider_than_they_may_be_and_nothing_is_lost() {
        let text = "Camera's in Hilversum: https://www.example.nl/a-long-address/that-is-wider-than-the-line en verder";
        let lines = wrap(text, Face::Regular, 12.0, 120.0);
        assert!(lines.iter().all(|line| width(line, Face::Regular) * 12.0 <= 120.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert!(wrap("", Face::Bold, 12.0, 120.0).is_empty());
    }
}
