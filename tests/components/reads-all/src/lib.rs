//! A filter that reads all that a frame has, and names one region, where the sum of it says. With `tell` in its settings it refuses them, and says what it was
//! told of its camera. `reads-all-of-0-1` is its twin.

mod sum;

use sluis_sdk::filter::{Region, Subject};
use sluis_sdk::{Camera, Frame, PixelFormat, PrivacyFilter, Rect, Size};
use sum::Sum;

struct ReadsAll;

impl PrivacyFilter for ReadsAll {
    fn new(camera: Camera, settings: &str) -> Result<Self, String> {
        if settings.contains("tell") { Err(format!("{camera:?}")) } else { Ok(Self) }
    }

    fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
        let mut sum = Sum::default();
        let size = frame.size();
        sum.numbers([size.width.into(), size.height.into(), frame.elapsed_ms() as i64]);
        sum.bytes(&frame.read(size.rect(), size, PixelFormat::Rgb8));
        sum.bytes(&frame.read(Rect::new(-3, 5, 40, 30), Size::new(17, 9), PixelFormat::Bgr8));
        sum.bytes(&frame.read(Rect::new(10, 5, 40, 30), Size::new(80, 60), PixelFormat::Luma8));
        let depth = frame.read_depth(Rect::new(-2, 7, 20, 10));
        sum.numbers([depth.is_some().into()]);
        sum.numbers(depth.into_iter().flatten().map(i64::from));
        let people = frame.people().into_iter().flat_map(|person| [person.body, person.head]);
        for rect in people.chain(frame.masks()) {
            sum.numbers([rect.x.into(), rect.y.into(), rect.width.into(), rect.height.into()]);
        }
        let (x, y, confidence) = sum.place(size.width, size.height);
        vec![Region { area: Rect::new(x, y, 1, 1), subject: Subject::Identifier, confidence }]
    }
}

sluis_sdk::privacy_filter!(ReadsAll);
