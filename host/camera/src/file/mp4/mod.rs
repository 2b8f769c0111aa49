//! An MP4 file with H.264 as a camera.

mod boxes;
mod format;
mod samples;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use re_mp4::{HdlrBox, MdhdBox, TkhdBox};
use sluis_frame::{Frame, Raw};

use super::Stamps;
use crate::driver::{Description, Driver, Rate};
use crate::error::Error;
use crate::h264::{Pictures, Shown, Unfit};
use boxes::{Atom, Fault};
use format::Format;
use samples::{Extent, Sample, Samples};

/// An MP4 file with H.264.
pub(super) struct Mp4 {
    description: Description,
    path: PathBuf,
    file: BufReader<File>,
    length: u64,
    clock: TrackClock,
    format: Format,
    samples: Samples,
    pictures: Pictures,
    /// Which sample is decoded next.
    number: u64,
    /// What comes after the last picture.
    end: Option<End>,
    stamps: Stamps,
    coded: Vec<u8>,
    units: Vec<u8>,
}

/// What comes after the last picture that the decoder still holds.
enum End {
    /// Nothing: all is well, or the error has been given.
    Quiet,
    /// An error.
    Error(Error),
}

/// The time of a track in seconds.
#[derive(Debug, Clone, Copy)]
struct TrackClock {
    /// When the first picture is shown, in ticks.
    first: i64,
    ticks_per_second: u32,
}

/// Bytes of a visual sample entry before the boxes in it (ISO/IEC 14496-12, 12.1.3).
const SAMPLE_ENTRY: usize = 78;

// === impl Mp4 ===

impl Mp4 {
    pub(super) fn open(path: &Path, mut file: File, stamps: Stamps) -> Result<Self, Error> {
        let fault = |fault| explain(path, fault);
        let length = file.metadata().map_err(|e| fault(Fault::Read(e)))?.len();
        let index = boxes::index(&mut file, length).map_err(fault)?;
        let track = video_track(path, &index)?;
        let media = track.child(*b"mdia").map_err(fault)?;
        let head: TkhdBox = track.child(*b"tkhd").and_then(Atom::read).map_err(fault)?;
        if !upright(&head) {
            return Err(Error::Turned { file: path.to_owned() });
        }
        let table = media.child(*b"minf").and_then(|minf| minf.child(*b"stbl")).map_err(fault)?;
        let format = h264(path, table)?;
        let samples = Samples::read(table).map_err(fault)?;
        let extent = samples.extent().map_err(fault)?;
        let ticks: MdhdBox = media.child(*b"mdhd").and_then(Atom::read).map_err(fault)?;
        let description = Description {
            camera: stamps.camera().clone(),
            size: format.coding.size,
            rate: rate(extent, ticks.timescale).map_err(fault)?,
            depth_unit: None,
            calibration: None,
            frames: Some(u64::from(extent.samples)),
        };
        Ok(Self {
            pictures: Pictures::new(format.coding.colour)
                .map_err(|reason| Error::Damaged { file: path.to_owned(), reason })?,
            description,
            path: path.to_owned(),
            file: BufReader::new(file),
            length,
            clock: TrackClock { first: extent.first, ticks_per_second: ticks.timescale },
            units: format.coding.parameters.clone(),
            format,
            samples,
            number: 0,
            end: None,
            stamps,
            coded: Vec::new(),
        })
    }

    /// Hands the decoder the next sample; at the end of the file, or at the first damage, takes out what it holds back.
    fn advance(&mut self) {
        let ended = match self.samples.next() {
            Some(Ok(sample)) => match self.feed(sample) {
                Ok(()) => return,
                Err(error) => Some(error),
            },
            Some(Err(fault)) => Some(explain(&self.path, fault)),
            None => None,
        };
        let flushed = self.pictures.flush();
        let lost = match (ended, flushed) {
            (Some(error), _) => Some(error),
            (None, Ok(0)) => None,
            (None, Ok(missing)) => {
                Some(format!("the decoder gave {missing} of {} pictures fewer than went in", self.number))
                    .map(|reason| Error::Damaged { file: self.path.clone(), reason })
            }
            (None, Err(reason)) => Some(self.undecodable(reason)),
        };
        self.end = Some(lost.map_or(End::Quiet, End::Error));
    }

    fn feed(&mut self, sample: Sample) -> Result<(), Error> {
        let end = sample.offset.saturating_add(u64::from(sample.size));
        if end > self.length {
            let missing =
                format!("picture {} of {} and all after it", self.number, self.description.frames.unwrap_or(0));
            return Err(Error::Truncated { file: self.path.clone(), missing });
        }
        self.coded.resize(sample.size as usize, 0);
        // Relative, so that what the reader has read ahead is used.
        let read = self.file.stream_position().and_then(|at| {
            self.file.seek_relative(sample.offset as i64 - at as i64)?;
            self.file.read_exact(&mut self.coded)
        });
        read.map_err(|source| Error::Read { file: self.path.clone(), source })?;
        if !self.format.unpack(&self.coded, &mut self.units) {
            return Err(self.undecodable("the lengths of its parts do not add up".to_owned()));
        }
        self.pictures.decode(&self.units, sample.shown).map_err(|reason| self.undecodable(reason))?;
        self.units.clear();
        self.number += 1;
        Ok(())
    }

    fn undecodable(&self, reason: String) -> Error {
        Error::Decode { file: self.path.clone(), number: self.number, reason }
    }

    fn frame(&mut self, shown: Shown) -> Result<Frame<Raw>, Error> {
        let (expected, found) = (self.description.size, shown.picture.size());
        if found != expected {
            return Err(Error::Size { file: self.path.clone(), expected, found });
        }
        let header = self.stamps.next(self.clock.time(shown.at));
        Ok(Frame::capture(header, shown.picture, None).expect("a frame without depth has no mismatch"))
    }
}

impl Driver for Mp4 {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next(&mut self) -> Result<Option<Frame<Raw>>, Error> {
        loop {
            match (self.pictures.next(), &mut self.end) {
                (Some(shown), _) => {
                    let frame = self.frame(shown);
                    if frame.is_err() {
                        self.pictures.clear();
                        self.end = Some(End::Quiet);
                    }
                    return frame.map(Some);
                }
                (None, None) => self.advance(),
                (None, Some(end)) => match std::mem::replace(end, End::Quiet) {
                    End::Quiet => return Ok(None),
                    End::Error(error) => return Err(error),
                },
            }
        }
    }

    fn is_live(&self) -> bool {
        self.stamps.are_live()
    }
}

// === impl TrackClock ===

impl TrackClock {
    /// The time since the first picture.
    fn time(self, shown: i64) -> Duration {
        let ticks = u64::try_from(shown.saturating_sub(self.first)).unwrap_or(0);
        let rate = u64::from(self.ticks_per_second.max(1));
        let nanos = u128::from(ticks % rate) * 1_000_000_000 / u128::from(rate);
        Duration::new(ticks / rate, nanos as u32)
    }
}

/// The first video track of the index.
fn video_track<'a>(path: &Path, index: &'a [u8]) -> Result<Atom<'a>, Error> {
    let fault = |fault| explain(path, fault);
    let mut others = Vec::new();
    for track in boxes::children(index).map_err(fault)? {
        if track.name == *b"mvex" {
            return Err(fault(Fault::Fragmented));
        }
        if track.name != *b"trak" {
            continue;
        }
        let handler: HdlrBox =
            track.child(*b"mdia").and_then(|m| m.child(*b"hdlr")).and_then(Atom::read).map_err(fault)?;
        match &handler.handler_type.value {
            b"vide" => return Ok(track),
            b"soun" => others.push("sound".to_owned()),
            other => others.push(format!("`{}`", other.escape_ascii())),
        }
    }
    let found = if others.is_empty() { "it has no tracks".to_owned() } else { format!("only {}", others.join(", ")) };
    Err(Error::NoVideo { file: path.to_owned(), found })
}

/// The format of the track's pictures, if it is one that can be decoded.
fn h264(path: &Path, table: Atom<'_>) -> Result<Format, Error> {
    let fault = |fault| explain(path, fault);
    let codec = |found: String| Error::Codec { file: path.to_owned(), found };
    // Version, flags and the number of entries come first.
    let entries = table.child(*b"stsd").map_err(fault)?.contents().get(8..).unwrap_or_default();
    let entries = boxes::children(entries).map_err(fault)?;
    let Some(entry) = entries.first() else {
        return Err(fault(Fault::Damaged("its video track does not say how it is coded".to_owned())));
    };
    match &entry.name {
        b"avc1" | b"avc3" => {}
        b"hvc1" | b"hev1" => return Err(codec("HEVC (H.265) video".to_owned())),
        b"av01" => return Err(codec("AV1 video".to_owned())),
        b"vp08" | b"vp09" => return Err(codec("VP8 or VP9 video".to_owned())),
        b"mp4v" => return Err(codec("MPEG-4 part 2 video".to_owned())),
        b"encv" => return Err(codec("encrypted video".to_owned())),
        other => return Err(codec(format!("video of kind `{}`", boxes::show(*other)))),
    }
    let configuration = boxes::children(entry.contents().get(SAMPLE_ENTRY..).unwrap_or_default())
        .map_err(fault)?
        .into_iter()
        .find(|child| child.name == *b"avcC")
        .ok_or_else(|| fault(Fault::Damaged("its H.264 track has no `avcC`".to_owned())))?;
    Format::read(configuration.contents()).map_err(|unfit| match unfit {
        Unfit::Variety(found) => codec(found),
        Unfit::Damaged(reason) => fault(Fault::Damaged(reason)),
    })
}

/// Whether the pictures are to be shown as they are coded, neither turned nor mirrored.
fn upright(head: &TkhdBox) -> bool {
    head.matrix.b == 0 && head.matrix.c == 0 && head.matrix.a >= 0 && head.matrix.d >= 0
}

/// Pictures per second, on average.
fn rate(extent: Extent, ticks_per_second: u32) -> Result<Rate, Fault> {
    let damaged = |reason: String| Fault::Damaged(reason);
    let ticks = match extent.samples {
        0 => return Err(damaged("its video track has no pictures".to_owned())),
        1 => f64::from(extent.duration),
        _ => (extent.last.abs_diff(extent.first)) as f64 / f64::from(extent.samples - 1),
    };
    if extent.samples == 1 && ticks == 0.0 {
        // One picture that stands for no time: any rate is as good.
        return Ok(Rate::TEN);
    }
    Rate::new(f64::from(ticks_per_second) / ticks).map_err(|e| damaged(format!("its times make no sense: {e}")))
}

fn explain(path: &Path, fault: Fault) -> Error {
    let file = path.to_owned();
    match fault {
        Fault::Read(source) => Error::Read { file, source },
        Fault::Truncated(missing) => Error::Truncated { file, missing },
        Fault::Damaged(reason) => Error::Damaged { file, reason },
        Fault::Fragmented => Error::Codec { file, found: "fragmented MP4".to_owned() },
    }
}
