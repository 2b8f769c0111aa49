//! A window that was never recorded, for tests of what is decided about it.

use std::sync::LazyLock;

use sluis_frame::{CameraId, Doors, FrameNumber, Rect, Size, Timestamp};

use crate::moment::{Moment, Silhouette, Unfit};
use crate::region::{Grid, Region};
use crate::survey::{Survey, Track};

static DOORS: LazyLock<Doors> = LazyLock::new(|| Doors::mint().unwrap());
static NOTHING: Vec<Vec<u8>> = Vec::new();

pub(crate) const GRID: Grid = Grid { size: Size::new(160, 120), cell: 4 };

pub(crate) fn region(rect: Rect) -> Region {
    let (rows, columns) = GRID.touched(rect);
    Region::where_(GRID.shape(), |(row, column)| rows.contains(&row) && columns.contains(&column))
}

pub(crate) fn person(at: Rect, track: usize, heads: u32) -> Silhouette {
    Silhouette { region: region(at), bodies: Region::default(), heads, track }
}

/// Frames a tenth of a second apart, with people of up to six tracks. One with five people in it cannot be judged.
pub(crate) fn survey(frames: Vec<Vec<Silhouette>>, rest: Rect) -> Survey<'static> {
    let moment = |(n, people): (usize, Vec<Silhouette>)| Moment {
        number: FrameNumber(n as u64),
        at: at(n),
        unfit: (people.len() == 5).then_some(Unfit::Upheaval),
        people,
        rest: region(rest),
        bodies: Region::default(),
    };
    Survey {
        recordings: &NOTHING,
        door: &DOORS.reader,
        camera: CameraId::new("a").unwrap(),
        rate: 10.0,
        grid: GRID,
        calibration: None,
        window: Timestamp::from_secs(0)..=Timestamp::from_secs(100),
        moments: frames.into_iter().enumerate().map(moment).collect(),
        tracks: vec![Track { first: 0, last: 0 }; 6],
    }
}

pub(crate) fn at(frame: usize) -> Timestamp {
    Timestamp::from_nanos(frame as i64 * 100_000_000)
}
