//! Documents as pages: one file each, without scripts and without anything from elsewhere.

use std::fmt::Write;

use crate::document::{Document, Item};
use crate::language::{Language, tell};
use crate::version::Change;

/// For a telephone first, in the reader's own choice of light or dark, and for paper.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#767676;--mark:#7a3e00}\
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--line:#8a8a8a;--mark:#ffc37d}}\
body{margin:0 auto;padding:1rem;max-width:44rem;font:1.05rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:break-word}\
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}\
h3{font-size:1rem;margin:1rem 0 0}p{margin:.2rem 0}.lead{color:var(--ink);font-style:italic}\
mark{background:none;color:var(--mark);border:1px solid;border-radius:.25rem;padding:0 .35rem;font-size:.85rem;font-weight:bold}\
svg,img{width:100%;height:auto;margin-top:.5rem}@media print{body{max-width:none;font-size:11pt}}";

/// A document as a whole page.
pub fn page(document: &Document) -> String {
    let Document { language, title, lead, sections, removed } = document;
    let title = escape(title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n"
    );
    for line in lead {
        let _ = writeln!(page, "<p class=\"lead\">{}</p>", escape(line));
    }
    for section in sections {
        let (key, title) = (&section.key, escape(&section.title));
        let _ = writeln!(page, "<section aria-labelledby=\"{key}\">\n<h2 id=\"{key}\">{title}</h2>");
        section.items.iter().for_each(|item| self::item(&mut page, item, *language));
        page.push_str("</section>\n");
    }
    if !removed.is_empty() {
        let title = gone(*language);
        let _ = writeln!(page, "<section aria-labelledby=\"removed\">\n<h2 id=\"removed\">{title}</h2>\n<ul>");
        for label in removed {
            let _ = writeln!(page, "<li>{}</li>", escape(label));
        }
        page.push_str("</ul>\n</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn item(page: &mut String, item: &Item, language: Language) {
    let mark = item.change.and_then(|change| word(change, language));
    let mark = mark.map(|word| format!(" <mark>{word}</mark>")).unwrap_or_default();
    let _ = writeln!(page, "<h3>{}{mark}</h3>", escape(&item.label));
    for text in &item.text {
        let _ = writeln!(page, "<p>{}</p>", escape(text));
    }
    if let Some(drawing) = &item.drawing {
        page.push_str(drawing);
        page.push('\n');
    }
}

/// The word that marks an item.
pub(crate) fn word(change: Change, language: Language) -> Option<String> {
    match change {
        Change::New => Some(tell!(language, "nieuw", "neu", "new")),
        Change::Update => Some(tell!(language, "gewijzigd", "geändert", "update")),
        Change::Removed => None,
    }
}

/// The title above what is gone.
pub(crate) fn gone(language: Language) -> String {
    tell!(
        language,
        "Niet meer van toepassing sinds de vorige versie",
        "Seit der vorigen Version entfallen",
        "No longer so since the version before"
    )
}

/// Text as it may stand in HTML, and in an attribute of it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
