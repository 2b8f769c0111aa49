//! Boxes of masks in the form of COCO: `{"info", "images", "annotations", "categories"}`, on one picture a second. Blanks are left out.
//!
//! A box is `[x, y, width, height]` in pixels, cut to the picture. One head can have several masks. What is under them is destroyed: what can be learnt is where heads are.

use serde::{Deserialize, Serialize};

use crate::stage::Facts;

/// Its name in the folder.
pub const FILE: &str = "coco.json";

/// The one category.
const MASK: u64 = 1;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coco {
    /// What this is.
    pub info: Info,
    /// The pictures.
    pub images: Vec<Image>,
    /// The boxes.
    pub annotations: Vec<Box>,
    /// One: `mask`.
    pub categories: Vec<Category>,
}

/// What this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// In words.
    pub description: String,
    /// Of the form.
    pub version: String,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its number here.
    pub id: u64,
    /// Where, from the folder.
    pub file_name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// RFC 3339, UTC.
    pub date_captured: String,
    /// Of which segment.
    pub segment: String,
}

/// A box around a mask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Box {
    /// Its number here.
    pub id: u64,
    /// On which picture.
    pub image_id: u64,
    /// [`Category`]: always 1.
    pub category_id: u64,
    /// x, y, width, height.
    pub bbox: [u32; 4],
    /// Width times height.
    pub area: u64,
    /// 0: a single thing.
    pub iscrowd: u8,
    /// Why it was masked: `floor`, `filter`, `hold`, `mode` or `audit`.
    pub cause: String,
}

/// What a box is around.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// What it belongs to.
    pub supercategory: String,
}

/// The file of these segments.
pub(crate) fn of(all: &[Facts]) -> Coco {
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for (facts, picture) in all.iter().flat_map(|facts| facts.pictures.iter().map(move |picture| (facts, picture))) {
        let image_id = images.len() as u64 + 1;
        images.push(Image {
            id: image_id,
            file_name: format!("images/{}/{}", facts.segment, picture.file),
            width: facts.size.width,
            height: facts.size.height,
            date_captured: crate::manifest::moment(picture.captured),
            segment: facts.segment.to_string(),
        });
        for (area, cause) in &picture.masks {
            annotations.push(Box {
                id: annotations.len() as u64 + 1,
                image_id,
                category_id: MASK,
                bbox: [area.x as u32, area.y as u32, area.width, area.height],
                area: area.area(),
                iscrowd: 0,
                cause: cause.clone(),
            });
        }
    }
    Coco {
        info: Info {
            description: "Masks on cleared pictures; what is under them is destroyed".to_owned(),
            version: "1".to_owned(),
        },
        images,
        annotations,
        categories: vec![Category { id: MASK, name: "mask".to_owned(), supercategory: "privacy".to_owned() }],
    }
}

// === impl Coco ===

impl Coco {
    /// Takes segments out.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.images.retain(|image| keep(&image.segment));
        let left: std::collections::BTreeSet<u64> = self.images.iter().map(|image| image.id).collect();
        self.annotations.retain(|annotation| left.contains(&annotation.image_id));
    }
}
