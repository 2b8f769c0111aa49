//! How a chamber reads a frame: the host side of the contract's resource `frame`.

use std::sync::Arc;

use sluis_frame::picture::Depth;
use sluis_frame::state::State;
use sluis_frame::{Frame, Mask, Person, Rect, Size};
use sluis_scale::{Area, Scaler};

use crate::answer::{MAX_ANSWERS, MAX_PIXELS, Nonsense};

pub(crate) use sluis_scale::Format;

/// One frame, lent for one call. It shares the frame's pixels and is gone when the call has returned.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "generated bindings name it, and want it public; its module is not")]
pub struct Lent {
    size: Size,
    pixels: Arc<[u8]>,
    depth: Option<Depth>,
    elapsed_ms: u64,
    people: Vec<Person>,
    masks: Vec<Rect>,
}

// === impl Lent ===

impl Lent {
    pub(crate) fn new<S: State>(frame: &Frame<S>, people: &[Person], elapsed_ms: u64) -> Self {
        let mut people = people.to_vec();
        people.sort_by_key(|person| std::cmp::Reverse(person.body.area()));
        people.truncate(MAX_ANSWERS);
        Self {
            size: frame.size(),
            pixels: frame.picture().shared(),
            depth: frame.depth().map(Depth::shared),
            elapsed_ms,
            people,
            masks: frame.masks().iter().map(Mask::bounds).collect(),
        }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.elapsed_ms
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// The bounding boxes of what is masked.
    pub(crate) fn masks(&self) -> &[Rect] {
        &self.masks
    }

    /// `region`, scaled to `to`. The whole picture as it is costs nothing here: its pixels are shared.
    pub(crate) fn read(
        &self,
        region: Rect,
        to: Size,
        format: Format,
        resizer: &mut Scaler,
    ) -> Result<Arc<[u8]>, Nonsense> {
        let Rect { x, y, width, height } = region;
        let size = [self.size.width, self.size.height];
        let region = Area { x, y, width, height };
        resizer.read(&self.pixels, size, region, [to.width, to.height], format).map_err(|_| Nonsense::Read)
    }

    /// `region` in millimetres; `None` when there is no depth.
    pub(crate) fn read_depth(&self, region: Rect) -> Result<Option<Vec<u16>>, Nonsense> {
        if region.is_empty() || region.area() > MAX_PIXELS {
            return Err(Nonsense::Read);
        }
        Ok(self.depth.as_ref().map(|depth| depth.millimetres(region)))
    }
}

#[cfg(test)]
mod tests {
    use sluis_frame::{CameraId, FrameNumber, Header, Picture, Timestamp};

    use super::*;

    fn lent(people: &[Person]) -> Lent {
        let header =
            Header { camera: CameraId::new("a").unwrap(), number: FrameNumber(0), captured: Timestamp::from_secs(0) };
        let picture = Picture::new(Size::new(2, 1), vec![255, 0, 0, 10, 20, 30]).unwrap();
        Lent::new(&Frame::capture(header, picture, None).unwrap(), people, 7)
    }

    fn read(region: Rect, to: Size, format: Format) -> Result<Vec<u8>, Nonsense> {
        lent(&[]).read(region, to, format, &mut Scaler::default()).map(|pixels| pixels.to_vec())
    }

    #[test]
    fn the_whole_picture_is_shared_not_copied() {
        let lent = lent(&[]);
        let pixels = lent.read(Rect::new(0, 0, 2, 1), lent.size, Format::Rgb8, &mut Scaler::default()).unwrap();
        assert!(Arc::ptr_eq(&pixels, &lent.pixels));
    }

    #[test]
    fn reading_nothing_or_too_much_is_nonsense() {
        let all = Rect::new(0, 0, 2, 1);
        for (region, to) in [
            (Rect::new(0, 0, 0, 1), Size::new(1, 1)),
            (all, Size::new(0, 4)),
            (all, Size::new(4097, 4096)),
            (all, Size::new(u32::MAX, u32::MAX)),
        ] {
            assert_eq!(read(region, to, Format::Rgb8), Err(Nonsense::Read), "{region} to {to}");
        }
        assert_eq!(lent(&[]).read_depth(Rect::new(0, 0, 1 << 20, 1 << 20)), Err(Nonsense::Read));
    }

    #[test]
    fn depth_is_told_in_millimetres_and_none_where_there_is_none() {
        assert_eq!(lent(&[]).read_depth(Rect::new(0, 0, 2, 1)), Ok(None));
        let mut deep = lent(&[]);
        deep.depth = Some(Depth::new(Size::new(2, 1), 0.0005, vec![2000, 0]).unwrap());
        assert_eq!(deep.read_depth(Rect::new(0, 0, 3, 1)), Ok(Some(vec![1000, 0, 0])));
    }

    #[test]
    fn people_are_told_largest_first_and_at_most_sixty_four() {
        let person = |side| Person { body: Rect::new(0, 0, side, side), head: Rect::new(0, 0, 1, 1) };
        let crowd: Vec<Person> = (1..100).map(person).collect();
        let told = lent(&crowd);
        assert_eq!((told.people().len(), told.people()[0].body.width), (64, 99));
    }
}
