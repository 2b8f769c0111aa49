//! Documents as plain text, for those who read, mail or compare them.

use std::fmt::Write;

use crate::document::Document;
use crate::html::{gone, word};

/// Letters in a line.
const LINE: usize = 88;

/// A document as plain text.
pub fn page(document: &Document) -> String {
    let Document { language, title, lead, sections, removed } = document;
    let mut page = format!("{title}\n{}\n", "=".repeat(title.chars().count()));
    lead.iter().for_each(|line| wrap(&mut page, line, ""));
    for section in sections {
        let title = &section.title;
        let _ = writeln!(page, "\n{title}\n{}", "-".repeat(title.chars().count()));
        for item in &section.items {
            let mark = item.change.and_then(|change| word(change, *language));
            let mark = mark.map(|word| format!(" [{word}]")).unwrap_or_default();
            let _ = writeln!(page, "* {}{mark}", item.label);
            item.text.iter().for_each(|text| wrap(&mut page, text, "  "));
        }
    }
    if !removed.is_empty() {
        let title = gone(*language);
        let _ = writeln!(page, "\n{title}\n{}", "-".repeat(title.chars().count()));
        for label in removed {
            let _ = writeln!(page, "* {label}");
        }
    }
    page
}

fn wrap(page: &mut String, text: &str, indent: &str) {
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length == 0 {
            page.push_str(indent);
            length = indent.len();
        } else if length + 1 + letters > LINE {
            page.push('\n');
            page.push_str(indent);
            length = indent.len();
        } else {
            page.push(' ');
            length += 1;
        }
        page.push_str(word);
        length += letters;
    }
    page.push('\n');
}
