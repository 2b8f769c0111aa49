//! A folder of pictures as a camera.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sluis_frame::{Frame, Raw};

use super::{Stamps, calibration, picture};
use crate::driver::{Description, Driver, Rate};
use crate::error::Error;

/// A folder of pictures, or one picture.
#[derive(Debug)]
pub(super) struct Folder {
    description: Description,
    rest: std::vec::IntoIter<Shot>,
    taken: u64,
    stamps: Stamps,
}

/// The files of one frame.
#[derive(Debug, PartialEq, Eq)]
struct Shot {
    colour: PathBuf,
    depth: Option<PathBuf>,
}

const DEPTH: &str = "_depth";
const MASK: &str = "_mask";

// === impl Folder ===

impl Folder {
    /// Lists the folder and looks at its first picture.
    pub(super) fn open(folder: &Path, rate: Rate, stamps: Stamps) -> Result<Self, Error> {
        let mut shots = list(folder)?;
        shots.sort_by(|a, b| natural(&name(&a.colour), &name(&b.colour)));
        let calibration = folder.join("camera.xml");
        let calibration = calibration.is_file().then(|| calibration::read(&calibration)).transpose()?;
        Self::new(folder, shots, rate, stamps).map(|mut opened| {
            opened.description.calibration = calibration;
            opened
        })
    }

    /// A camera that takes one picture.
    pub(super) fn single(file: &Path, rate: Rate, stamps: Stamps) -> Result<Self, Error> {
        Self::new(file, vec![Shot { colour: file.to_owned(), depth: None }], rate, stamps)
    }

    fn new(path: &Path, shots: Vec<Shot>, rate: Rate, stamps: Stamps) -> Result<Self, Error> {
        let Some(first) = shots.first() else {
            return Err(Error::Empty { file: path.to_owned(), expected: "there should be PNG or JPEG pictures in it" });
        };
        let description = Description {
            camera: stamps.camera().clone(),
            size: picture::colour(&first.colour)?.size(),
            rate,
            depth_unit: first.depth.is_some().then_some(picture::DEPTH_UNIT),
            calibration: None,
            frames: Some(shots.len() as u64),
        };
        Ok(Self { description, rest: shots.into_iter(), taken: 0, stamps })
    }

    fn take(&mut self, shot: &Shot) -> Result<Frame<Raw>, Error> {
        let expected = self.description.size;
        let of_one_size = |file: &Path, found| {
            if found == expected { Ok(()) } else { Err(Error::Size { file: file.to_owned(), expected, found }) }
        };
        let colour = picture::colour(&shot.colour)?;
        of_one_size(&shot.colour, colour.size())?;
        let depth = shot.depth.as_deref().map(picture::depth).transpose()?;
        if let (Some(depth), Some(file)) = (&depth, &shot.depth) {
            of_one_size(file, depth.size())?;
        }
        let header = self.stamps.next(self.description.rate.time_of(self.taken));
        self.taken += 1;
        Ok(Frame::capture(header, colour, depth).expect("depth was just checked to have the size of the picture"))
    }
}

impl Driver for Folder {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        let Some(shot) = self.rest.next() else { return Ok(None) };
        let taken = self.take(&shot);
        if taken.is_err() {
            self.rest = Vec::new().into_iter();
        }
        taken.map(Some)
    }

    fn is_live(&self) -> bool {
        self.stamps.are_live()
    }
}

/// The pictures of a folder, in no order, each with its depth if the folder has any.
fn list(folder: &Path) -> Result<Vec<Shot>, Error> {
    let cannot_read = |source| Error::Read { file: folder.to_owned(), source };
    let mut colours = Vec::new();
    let mut depths = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(cannot_read)? {
        let file = entry.map_err(cannot_read)?.path();
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let stem = stem(&file);
        if name(&file).starts_with('.') || stem.ends_with(MASK) || !matches!(&*extension, "png" | "jpg" | "jpeg") {
            continue;
        }
        match stem.strip_suffix(DEPTH) {
            Some(of) if extension == "png" => {
                depths.insert(of.to_owned(), file);
            }
            _ => colours.push(file),
        }
    }
    let with_depth = !depths.is_empty();
    let mut shots = Vec::with_capacity(colours.len());
    for colour in colours {
        let stem = stem(&colour);
        let depth = depths.remove(&stem);
        if with_depth && depth.is_none() {
            return Err(Error::Unpaired { file: colour, missing: format!("`{stem}{DEPTH}.png`") });
        }
        shots.push(Shot { colour, depth });
    }
    match depths.into_iter().next() {
        Some((stem, file)) => {
            Err(Error::Unpaired { file, missing: format!("colour picture `{stem}.jpg` or `{stem}.png`") })
        }
        None => Ok(shots),
    }
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The order in which people count: runs of digits by their value, everything else by character.
fn natural(a: &str, b: &str) -> Ordering {
    /// Splits the digits, without leading zeros, off the front.
    fn digits(text: &str) -> (&str, &str) {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        (text[..end].trim_start_matches('0'), &text[end..])
    }
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(l), Some(r)) = (left.chars().next(), right.chars().next()) else {
            // Equal in value: `01` and `1` still need an order.
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        let ordering = if l.is_ascii_digit() && r.is_ascii_digit() {
            let ((l, left_rest), (r, right_rest)) = (digits(left), digits(right));
            (left, right) = (left_rest, right_rest);
            l.len().cmp(&r.len()).then_with(|| l.cmp(r))
        } else {
            (left, right) = (&left[l.len_utf8()..], &right[r.len_utf8()..]);
            l.cmp(&r)
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pictures_are_counted_as_people_count() {
        let mut names = ["10.jpg", "2.jpg", "a10b2", "a10b10", "a9", "01.jpg", "1.jpg", "0000000003.jpg"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["01.jpg", "1.jpg", "2.jpg", "0000000003.jpg", "10.jpg", "a9", "a10b2", "a10b10"]);
    }

    proptest! {
        #[test]
        fn the_natural_order_is_an_order(names in prop::collection::vec("[0-9aé]{0,5}", 3)) {
            let (a, b, c) = (&names[0], &names[1], &names[2]);
            prop_assert_eq!(natural(a, b), natural(b, a).reverse());
            prop_assert_eq!(natural(a, b) == Ordering::Equal, a == b);
            if natural(a, b).is_le() && natural(b, c).is_le() {
                prop_assert!(natural(a, c).is_le());
            }
        }
    }
}
