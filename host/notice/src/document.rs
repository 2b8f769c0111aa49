//! A document: sections of items, each with a key that stays the same from version to version.

use std::borrow::Cow;

use crate::language::Language;
use crate::version::Change;

/// A document in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its language.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// What stands below the title: which version it is, since when it holds.
    pub lead: Vec<String>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// The labels of items that were in the version before and are gone.
    pub removed: Vec<String>,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `a-z` and `-`; different for every section.
    pub key: Cow<'static, str>,
    /// Its title.
    pub title: String,
    /// Its items, in order.
    pub items: Vec<Item>,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The section's key, a point, and what tells it from others: `cameras.shelves`.
    pub key: String,
    /// What it is about, in a few words.
    pub label: String,
    /// What it says: paragraphs.
    pub text: Vec<String>,
    /// A drawing, as SVG, that the text describes.
    pub drawing: Option<String>,
    /// Whether it is new.
    pub change: Option<Change>,
}

// === impl Document ===

impl Document {
    /// All items.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }
}

// === impl Section ===

impl Section {
    /// A section without items yet.
    pub fn new(key: impl Into<Cow<'static, str>>, title: impl Into<String>) -> Self {
        Self { key: key.into(), title: title.into(), items: Vec::new() }
    }

    /// With one more item.
    #[must_use]
    pub fn with(self, key: &str, label: impl Into<String>, text: impl Into<String>) -> Self {
        self.with_all(key, label, vec![text.into()])
    }

    /// With one more item of several paragraphs.
    #[must_use]
    pub fn with_all(mut self, key: &str, label: impl Into<String>, text: Vec<String>) -> Self {
        let key = format!("{}.{key}", self.key);
        self.items.push(Item { key, label: label.into(), text, drawing: None, change: None });
        self
    }

    /// With a drawing at its last item.
    #[must_use]
    pub fn drawn(mut self, drawing: String) -> Self {
        if let Some(item) = self.items.last_mut() {
            item.drawing = Some(drawing);
        }
        self
    }

    /// The item with this name, if there is one.
    #[must_use]
    pub fn with_some(self, key: &str, label: impl Into<String>, text: Option<String>) -> Self {
        match text {
            Some(text) => self.with(key, label, text),
            None => self,
        }
    }
}
