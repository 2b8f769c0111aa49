//! The twin of `reads-all`, built against the kept contract 0.1.0, as a partner built it when there was no other.

mod contract {
    wit_bindgen::generate!({ world: "privacy-filter", path: "../../../wit/0.1.0", generate_all });
}
#[path = "../../reads-all/src/sum.rs"]
mod sum;

use contract::exports::sluis::stage::filter::{Chamber, Guest, GuestChamber, Region, Subject};
use contract::sluis::stage::frames::{Frame, PixelFormat};
use contract::sluis::stage::types::{Camera, Rect, Size};
use sum::Sum;

struct ReadsAll;

impl Guest for ReadsAll {
    type Chamber = Self;
}

impl GuestChamber for ReadsAll {
    fn create(camera: Camera, settings: String) -> Result<Chamber, String> {
        if settings.contains("tell") { Err(format!("{camera:?}")) } else { Ok(Chamber::new(Self)) }
    }

    fn find(&self, frame: &Frame) -> Vec<Region> {
        let rect = |x, y, width, height| Rect { x, y, width, height };
        let mut sum = Sum::default();
        let size = frame.size();
        sum.numbers([size.width.into(), size.height.into(), frame.elapsed_ms() as i64]);
        sum.bytes(&frame.read(rect(0, 0, size.width, size.height), size, PixelFormat::Rgb8));
        sum.bytes(&frame.read(rect(-3, 5, 40, 30), Size { width: 17, height: 9 }, PixelFormat::Bgr8));
        sum.bytes(&frame.read(rect(10, 5, 40, 30), Size { width: 80, height: 60 }, PixelFormat::Luma8));
        let depth = frame.read_depth(rect(-2, 7, 20, 10));
        sum.numbers([depth.is_some().into()]);
        sum.numbers(depth.into_iter().flatten().map(i64::from));
        let people = frame.people().into_iter().flat_map(|person| [person.body, person.head]);
        for rect in people.chain(frame.masks()) {
            sum.numbers([rect.x.into(), rect.y.into(), rect.width.into(), rect.height.into()]);
        }
        let (x, y, confidence) = sum.place(size.width, size.height);
        vec![Region { area: rect(x, y, 1, 1), subject: Subject::Identifier, confidence }]
    }
}

contract::export!(ReadsAll with_types_in contract);
