//! Where: words against the names and kinds of cameras and zones.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sluis_frame::CameraId;

use super::words::{EVERYWHERE, STOP, fold, split, zone_words};

/// What a zone is for, as `sluis.toml` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneKind {
    /// Products lie there.
    Shelf,
    /// Guests pay there.
    Counter,
    /// What one carries products in.
    Basket,
    /// Guests wait there.
    Queue,
    /// There is something to look at.
    Screen,
}

/// A camera, and what it sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraView {
    /// Its name.
    pub camera: CameraId,
    /// What else people call what it looks at: "front door", "ingang".
    pub also: Vec<String>,
    /// Its zones.
    pub zones: Vec<ZoneView>,
}

/// A zone of a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneView {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: Option<ZoneKind>,
    /// What else people call it.
    pub also: Vec<String>,
}

/// Which cameras are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Cameras and zones that fit best, in the order in which they were given. Never empty.
    pub seen: Vec<Seen>,
    /// Words that fitted none of these, for the officer to think about: "by", "door".
    pub unused: Vec<String>,
}

/// A camera that fits, and where in its picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The camera.
    pub camera: CameraId,
    /// Zones of it that fit; none: all that it sees.
    pub zones: Vec<String>,
}

/// No camera fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no camera or zone fits \"{place}\": name one of {known}, or what a zone is for (shelf, counter, basket, queue, screen), or \"everywhere\""
)]
pub struct PlaceError {
    /// What was said.
    pub place: String,
    /// What there is.
    pub known: String,
}

// === impl Place ===

impl Place {
    /// The cameras.
    pub fn cameras(&self) -> BTreeSet<CameraId> {
        self.seen.iter().map(|seen| seen.camera.clone()).collect()
    }
}

/// What a camera or a zone is called, for words to fit.
struct Names<'a> {
    words: Vec<String>,
    kind: &'a [&'static str],
}

/// Finds the cameras that a place means: those that the most of its words fit, by the name of the camera, or by name or kind of a zone.
///
/// # Errors
///
/// [`PlaceError`] when no word fits any.
pub fn place(place: &str, cameras: &[CameraView]) -> Result<Place, PlaceError> {
    let folded = fold(place);
    let said = split(&folded);
    if said.iter().any(|word| EVERYWHERE.contains(word)) && !cameras.is_empty() {
        let seen = cameras.iter().map(|view| Seen { camera: view.camera.clone(), zones: Vec::new() }).collect();
        return Ok(Place { seen, unused: Vec::new() });
    }
    let mut best = 1;
    let mut used = BTreeSet::new();
    let mut seen: Vec<Seen> = Vec::new();
    for view in cameras {
        let own = Names::new(view.camera.as_str(), &view.also, &[]);
        // A camera as a whole, and each of its zones; what fits the camera counts for its zones too.
        let zones = view.zones.iter().map(|zone| {
            let kind = zone.kind.map_or(&[][..], zone_words);
            (Some(zone), Names::new(&zone.name, &zone.also, kind))
        });
        for (zone, names) in std::iter::once((None, Names { words: Vec::new(), kind: &[] })).chain(zones) {
            let by = |fit: &dyn Fn(&str) -> bool| (0..said.len()).filter(|at| fit(said[*at])).collect::<Vec<_>>();
            let by_name = by(&|word| own.named(word) || names.named(word));
            let by_kind = by(&|word| names.of_kind(word));
            // A compound names and says the kind at once, and counts twice.
            let fits = by_name.len() + by_kind.len();
            let by_zone = zone.is_none() || !by_kind.is_empty() || said.iter().any(|word| names.named(word));
            if fits < best || !by_zone {
                continue;
            }
            if fits > best {
                best = fits;
                seen.clear();
                used.clear();
            }
            used.extend(by_name.into_iter().chain(by_kind));
            let zone = zone.map(|zone| zone.name.clone());
            match seen.last_mut() {
                // All of a camera that fits as well as a zone of it: the zone is what is meant.
                Some(last) if last.camera == view.camera => last.zones.extend(zone),
                _ => seen.push(Seen { camera: view.camera.clone(), zones: zone.into_iter().collect() }),
            }
        }
    }
    if seen.is_empty() {
        let known: BTreeSet<&str> = cameras
            .iter()
            .flat_map(|view| view.zones.iter().map(|z| z.name.as_str()).chain([view.camera.as_str()]))
            .collect();
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(PlaceError { place: place.trim().to_owned(), known });
    }
    let unused = said
        .iter()
        .enumerate()
        .filter(|(at, word)| !used.contains(at) && !STOP.contains(word))
        .map(|(_, word)| (*word).to_owned());
    Ok(Place { seen, unused: unused.collect() })
}

// === impl Names ===

impl<'a> Names<'a> {
    fn new(name: &str, also: &[String], kind: &'a [&'static str]) -> Self {
        let names = std::iter::once(name).chain(also.iter().map(String::as_str)).map(fold).collect::<Vec<_>>();
        let words = names.iter().flat_map(|name| split(name)).filter(|word| !STOP.contains(word));
        let words = words.map(str::to_owned).collect();
        Self { words, kind }
    }

    fn named(&self, said: &str) -> bool {
        self.words.iter().any(|word| fits(said, word))
    }

    fn of_kind(&self, said: &str) -> bool {
        self.kind.iter().any(|word| fits(said, word))
    }
}

/// Whether what was said is this word, or a compound that begins or ends with it (`broodschap`, `Brotregal`).
fn fits(said: &str, word: &str) -> bool {
    said == word || (word.len() >= 4 && (said.starts_with(word) || said.ends_with(word)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str, kind: ZoneKind) -> ZoneView {
        ZoneView { name: name.to_owned(), kind: Some(kind), also: Vec::new() }
    }

    /// As the study's own configuration.
    fn shop() -> Vec<CameraView> {
        let view = |camera: &str, also: &[&str], zones: Vec<ZoneView>| CameraView {
            camera: CameraId::new(camera).unwrap(),
            also: also.iter().map(ToString::to_string).collect(),
            zones,
        };
        vec![
            view(
                "shelves",
                &[],
                vec![
                    ZoneView { also: vec!["brood".into(), "Brot".into()], ..zone("bread", ZoneKind::Shelf) },
                    zone("pastry", ZoneKind::Shelf),
                    zone("counter", ZoneKind::Counter),
                ],
            ),
            view("queue", &[], vec![zone("queue", ZoneKind::Queue)]),
            view("bread-front", &["by the door", "bij de deur", "an der Tür"], vec![zone("bread", ZoneKind::Shelf)]),
            view("pastry-front", &[], vec![zone("pastry", ZoneKind::Shelf)]),
        ]
    }

    fn found(said: &str) -> Vec<String> {
        let place = place(said, &shop()).unwrap();
        place.seen.iter().map(|seen| format!("{}:{}", seen.camera, seen.zones.join("+"))).collect()
    }

    #[test]
    fn a_kind_of_zone_is_known_in_three_languages() {
        let shelves = ["shelves:bread+pastry", "bread-front:bread", "pastry-front:pastry"];
        for said in ["the shelf", "het schap", "am Regal", "bei den Regalen", "in het rek"] {
            assert_eq!(found(said), shelves, "{said}");
        }
        for said in ["counter", "the till", "aan de kassa", "an der Theke", "bij de toonbank", "an der Kasse"] {
            assert_eq!(found(said), ["shelves:counter"], "{said}");
        }
        for said in ["in the queue", "in de rij", "in der Schlange", "in de wachtrij"] {
            assert_eq!(found(said), ["queue:queue"], "{said}");
        }
    }

    #[test]
    fn what_the_most_words_fit_is_meant() {
        assert_eq!(found("the pastry shelf"), ["shelves:pastry", "pastry-front:pastry"]);
        assert_eq!(found("the shelf by the door"), ["bread-front:bread"]);
        assert_eq!(found("das Regal an der Tür"), ["bread-front:bread"]);
        assert_eq!(found("pastry-front"), ["pastry-front:pastry"]);
    }

    #[test]
    fn compounds_are_understood() {
        assert_eq!(found("bij het broodschap"), ["shelves:bread"]);
        assert_eq!(found("am Brotregal"), ["shelves:bread"]);
    }

    #[test]
    fn what_fits_nothing_is_told_with_what_there_is() {
        let error = place("in the garden", &shop()).unwrap_err().to_string();
        assert!(error.contains("in the garden") && error.contains("bread-front") && error.contains("shelf"), "{error}");
        assert_eq!(place("the shelf near the garden", &shop()).unwrap().unused, ["garden"]);
    }

    #[test]
    fn everywhere_is_all_cameras() {
        for said in ["everywhere", "Überall im Laden", "overal"] {
            assert_eq!(place(said, &shop()).unwrap().cameras().len(), 4, "{said}");
        }
        assert!(place("everywhere", &[]).is_err(), "no cameras are not all cameras");
    }

    proptest! {
        #[test]
        fn whatever_is_said_only_cameras_that_there_are_come_out(said in "\\PC{0,60}") {
            if let Ok(place) = place(&said, &shop()) {
                prop_assert!(!place.seen.is_empty());
                let known: BTreeSet<_> = shop().into_iter().map(|view| view.camera).collect();
                prop_assert!(place.cameras().is_subset(&known));
            }
        }

        #[test]
        fn a_camera_that_is_named_is_found(which in 0usize..4, before in "[a-z ]{0,12}", after in "[a-z ]{0,12}") {
            let camera = shop()[which].camera.clone();
            let said = format!("{before} {camera} {after}");
            prop_assert!(place(&said, &shop()).unwrap().cameras().contains(&camera), "{}", said);
        }
    }
}
