//! A gesture detector that reads its frame in many ways, other ones each time, and tells a checksum of what came: of colour as the track of one event, of depth, people and masks as
//! that of another. Built natively it shows what the SDK's mock of the host gives; as a component, what the host gives.

use sluis_sdk::gestures::{Event, Kind};
use sluis_sdk::{Camera, Frame, GestureDetector, PixelFormat, Rect, Size};

/// How many readings of a frame.
const READINGS: u32 = 60;

/// The detector. It keeps nothing but its place in a row of numbers.
#[derive(Debug)]
pub struct ReadsParts(u32);

impl GestureDetector for ReadsParts {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self(1))
    }

    fn observe(&mut self, frame: &Frame<'_>) -> Vec<Event> {
        let (mut colour, mut rest) = (Sum::default(), Sum::default());
        colour.add(&frame.read_whole(PixelFormat::Rgb8));
        for _ in 0..READINGS {
            let region = self.region(frame.size());
            let to = match self.below(3) {
                0 => Size::new(region.width, region.height),
                _ => Size::new(1 + self.below(90), 1 + self.below(90)),
            };
            let format = [PixelFormat::Rgb8, PixelFormat::Bgr8, PixelFormat::Luma8][self.below(3) as usize];
            colour.add(&frame.read(region, to, format));
            let depth = frame.read_depth(region).unwrap_or_default();
            rest.add(&depth.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
        }
        let people = frame.people().into_iter().flat_map(|person| [person.body, person.head]);
        for Rect { x, y, width, height } in people.chain(frame.masks()) {
            rest.add(&[x.to_le_bytes(), y.to_le_bytes(), width.to_le_bytes(), height.to_le_bytes()].concat());
        }
        [colour, rest].map(|sum| event(sum.0, frame.elapsed_ms())).into()
    }
}

impl ReadsParts {
    /// A part of the picture, or beyond it.
    fn region(&mut self, size: Size) -> Rect {
        let (width, height) = (1 + self.below(size.width * 2), 1 + self.below(size.height * 2));
        let x = self.below(size.width * 2) as i32 - size.width as i32 / 2;
        let y = self.below(size.height * 2) as i32 - size.height as i32 / 2;
        Rect { x, y, width, height }
    }

    /// The next number, below `bound`: the generator of Numerical Recipes, whose high bits are good enough for this.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % bound
    }
}

/// FNV-1a.
struct Sum(u32);

impl Default for Sum {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    }
}

fn event(track: u32, now: u64) -> Event {
    Event {
        kind: Kind::Reach,
        track,
        zone: None,
        start_ms: now,
        end_ms: now,
        contact: None,
        position: None,
        confidence: 1,
    }
}

sluis_sdk::gesture_detector!(ReadsParts);
