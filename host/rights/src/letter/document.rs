//! A letter as paper: plain text, or one page of HTML that stands alone.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::LetterKind;
use crate::request::Language;

/// Characters of a line of plain text: what e-mail likes (RFC 5322, 2.1.1).
const WIDTH: usize = 78;

const STYLE: &str = include_str!("page.css");

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    /// Which.
    pub letter: LetterKind,
    /// In which language.
    pub language: Language,
    /// Who writes, line by line.
    pub from: Vec<String>,
    /// To whom, line by line.
    pub to: Vec<String>,
    /// When, in words.
    pub date: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
    /// Lines that stay lines, such as an address.
    Lines(Vec<String>),
}

// === impl Document ===

impl Document {
    /// As plain text, in lines of at most 78 characters where words allow.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let block = |text: &mut String, lines: &[String]| {
            lines.iter().for_each(|line| *text += &format!("{line}\n"));
            *text += "\n";
        };
        block(&mut text, &self.from);
        block(&mut text, &self.to);
        block(&mut text, std::slice::from_ref(&self.date));
        block(&mut text, &underlined(&self.subject, '='));
        for part in &self.blocks {
            match part {
                Block::Heading(heading) => {
                    let lines = underlined(heading, '-');
                    lines.iter().for_each(|line| text += &format!("{line}\n"));
                }
                Block::Paragraph(paragraph) => block(&mut text, &wrap(paragraph, "", "")),
                Block::List(items) => {
                    let lines: Vec<_> = items.iter().flat_map(|item| wrap(item, "- ", "  ")).collect();
                    block(&mut text, &lines);
                }
                Block::Lines(lines) => block(&mut text, lines),
            }
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    /// As one page of HTML that can be printed: no scripts, nothing loaded from elsewhere.
    pub fn html(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
             <title>{1}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<address>{2}</address>\n<address>{3}</address>\n<p>{4}</p>\n<h1>{1}</h1>\n",
            self.language.tag(),
            escape(&self.subject),
            lines(&self.from),
            lines(&self.to),
            escape(&self.date),
        );
        for part in &self.blocks {
            let _ = match part {
                Block::Heading(heading) => writeln!(page, "<h2>{}</h2>", escape(heading)),
                Block::Paragraph(paragraph) => writeln!(page, "<p>{}</p>", escape(paragraph)),
                Block::List(items) => {
                    let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escape(item))).collect();
                    writeln!(page, "<ul>\n{items}</ul>")
                }
                Block::Lines(of) => writeln!(page, "<p>{}</p>", lines(of)),
            };
        }
        page + "</body>\n</html>\n"
    }
}

// === impl Block ===

impl Block {
    /// Reads what a template gives: parts between empty lines. `## ` begins a heading, `- ` an item, `| ` a line that stays one.
    pub(super) fn parse(text: &str) -> Vec<Self> {
        text.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).flat_map(Self::parse_part).collect()
    }

    fn parse_part(part: &str) -> Vec<Self> {
        let mut blocks: Vec<Self> = Vec::new();
        let mut fresh = true;
        for line in part.lines() {
            let marked = |mark: &str| line.strip_prefix(mark).map(|rest| rest.trim().to_owned());
            if let Some(heading) = marked("## ") {
                blocks.push(Self::Heading(heading));
                fresh = true;
            } else if let Some(item) = marked("- ") {
                match blocks.last_mut() {
                    Some(Self::List(items)) => items.push(item),
                    _ => blocks.push(Self::List(vec![item])),
                }
                fresh = false;
            } else if let Some(kept) = marked("| ") {
                match blocks.last_mut() {
                    Some(Self::Lines(lines)) => lines.push(kept),
                    _ => blocks.push(Self::Lines(vec![kept])),
                }
                fresh = true;
            } else if !line.trim().is_empty() {
                let more = line.trim();
                match blocks.last_mut() {
                    Some(Self::Paragraph(paragraph)) => *paragraph += &format!(" {more}"),
                    // A long item goes on in the next line.
                    Some(Self::List(items)) if !fresh => {
                        if let Some(item) = items.last_mut() {
                            *item += &format!(" {more}");
                        }
                    }
                    _ => blocks.push(Self::Paragraph(more.to_owned())),
                }
            }
        }
        blocks
    }
}

fn wrap(text: &str, first: &str, other: &str) -> Vec<String> {
    // Numbers and paths hold hyphens: they stay whole.
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(other)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

fn underlined(heading: &str, with: char) -> Vec<String> {
    let mut lines = wrap(heading, "", "");
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    lines.push(std::iter::repeat_n(with, width).collect());
    lines
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br/>\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
