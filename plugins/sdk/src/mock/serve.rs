//! A plugin that runs natively, frame by frame, for `sluis plugin bench`. Standard input is a socket: frames come in by it, times and answers go out by it. Standard output and
//! standard error are the plugin's own, to print on.
//!
//! Not for use by hand, and no part of what is published: both ends are built from the same sources. All numbers are little-endian.
//!
//! - In, once: width, height, millihertz (u32 each); whether there are depth, mount, lens (u8 each); the mount and the lens that there are, as in the contract; length of the settings
//!   (u32), the settings. Out: 0 (u8), or 1 and a text: the plugin refuses them.
//! - In, for each frame: 1 (u8), milliseconds (u64), the pixels, depth (u8: 0 or 1) and its values (u16 each), people (u32) with body and head, masks (u32). A rectangle is x, y,
//!   width, height (i32, i32, u32, u32). Out: nanoseconds that the plugin took (u64), and a text: its answer, one line each.
//! - In, at the end: 0 (u8).
//!
//! A text is its length (u32) and its bytes.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use crate::audience::{AgeClass, Face, SexClass, SizeClass};
use crate::audit::{Fault, Finding, Verdict};
use crate::filter::{Region, Subject};
use crate::gestures::{Event, Kind};
use crate::{
    AnonymisationAudit, AudienceMeter, Camera, CameraLens, GestureDetector, Mount, Person, PrivacyFilter, Rect, Size,
};

use super::{Still, checked, taken};

/// Serves a filter.
pub fn privacy_filter<T: PrivacyFilter>() {
    serve(T::new, |plugin, still| {
        let (took, answer) = timed(|| plugin.find(&still.frame()));
        (took, taken(checked::regions(answer, still.size)).iter().map(region).collect())
    });
}

/// Serves an auditor.
pub fn anonymisation_audit<T: AnonymisationAudit>() {
    serve(T::new, |plugin, still| {
        let (took, answer) = timed(|| plugin.inspect(&still.frame(), &still.masks));
        (took, verdict(&taken(checked::verdict(answer, still.size))))
    });
}

/// Serves a gesture detector.
pub fn gesture_detector<T: GestureDetector>() {
    serve(T::new, |plugin, still| {
        let (took, answer) = timed(|| plugin.observe(&still.frame()));
        (took, taken(checked::events(answer, still.elapsed_ms)).iter().map(event).collect())
    });
}

/// Serves an audience meter.
pub fn audience_meter<T: AudienceMeter>() {
    serve(T::new, |plugin, still| {
        let (took, answer) = timed(|| plugin.measure(&still.frame()));
        (took, taken(checked::faces(answer, still.size)).iter().map(face).collect())
    });
}

/// Nanoseconds, and the answer.
fn timed<A>(call: impl FnOnce() -> A) -> (u64, A) {
    let start = Instant::now();
    let answer = call();
    (u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX), answer)
}

/// Until the other end has had enough. A frame that was cut ends the process, as a panic of the plugin does: the other end sees that.
fn serve<T>(make: fn(Camera, &str) -> Result<T, String>, call: impl Fn(&mut T, &Still) -> (u64, Vec<String>)) {
    let served = (|| -> io::Result<()> {
        let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let mut wire = Wire { from: BufReader::new(&socket), to: BufWriter::new(&socket) };
        let (size, millihertz) = (Size::new(wire.u32()?, wire.u32()?), wire.u32()?);
        let [depth, has_mount, has_lens] = wire.array::<3>()?.map(|there| there == 1);
        let mount = if has_mount { Some(wire.mount()?) } else { None };
        let lens = if has_lens { Some(wire.lens()?) } else { None };
        let camera = Camera { size, millihertz, depth, mount, lens };
        let settings = wire.u32()? as usize;
        let settings = String::from_utf8(wire.bytes(settings)?).map_err(io::Error::other)?;
        let mut plugin = match make(camera, &settings) {
            Ok(plugin) => plugin,
            Err(reason) => {
                wire.to.write_all(&[1])?;
                return wire.tell(&reason);
            }
        };
        wire.to.write_all(&[0])?;
        wire.to.flush()?;
        while wire.u8()? == 1 {
            let still = wire.still(size)?;
            let (took, lines) = call(&mut plugin, &still);
            wire.to.write_all(&took.to_le_bytes())?;
            wire.tell(&lines.join("\n"))?;
        }
        Ok(())
    })();
    served.expect("the other end keeps to the protocol until the end");
}

struct Wire<R, W> {
    from: R,
    to: W,
}

// === impl Wire ===

impl<R: Read, W: Write> Wire<R, W> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u8(&mut self) -> io::Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn i32(&mut self) -> io::Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    fn rect(&mut self) -> io::Result<Rect> {
        Ok(Rect { x: self.i32()?, y: self.i32()?, width: self.u32()?, height: self.u32()? })
    }

    fn mount(&mut self) -> io::Result<Mount> {
        Ok(Mount { height_mm: self.u32()?, tilt_millidegrees: self.i32()?, roll_millidegrees: self.i32()? })
    }

    fn lens(&mut self) -> io::Result<CameraLens> {
        Ok(CameraLens { fx: self.u32()?, fy: self.u32()?, cx: self.i32()?, cy: self.i32()? })
    }

    fn still(&mut self, size: Size) -> io::Result<Still> {
        let elapsed_ms = u64::from_le_bytes(self.array()?);
        let mut still = Still::new(size, self.bytes(size.pixels() * 3)?).at_ms(elapsed_ms);
        if self.u8()? == 1 {
            let bytes = self.bytes(size.pixels() * 2)?;
            let (values, _) = bytes.as_chunks();
            still = still.with_depth(values.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect());
        }
        let people = (0..self.u32()?).map(|_| Ok::<_, io::Error>(Person { body: self.rect()?, head: self.rect()? }));
        still = still.with_people(people.collect::<io::Result<_>>()?);
        let masks = (0..self.u32()?).map(|_| self.rect());
        Ok(still.with_masks(masks.collect::<io::Result<_>>()?))
    }

    fn tell(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes())?;
        self.to.write_all(text.as_bytes())?;
        self.to.flush()
    }
}

// What `sluis plugin test` writes of the same answers.

fn region(region: &Region) -> String {
    let subject = match region.subject {
        Subject::Face => "face",
        Subject::Head => "head",
        Subject::Person => "person",
        Subject::Identifier => "identifier",
    };
    format!("{subject} {} sure {}", region.area, region.confidence)
}

fn verdict(verdict: &Verdict) -> Vec<String> {
    let finding = |finding: &Finding| {
        let fault = match finding.fault {
            Fault::Face => "face",
            Fault::Head => "head",
            Fault::VanishedMask => "vanished-mask",
            Fault::BareBody => "bare-body",
        };
        format!("{fault} {} score {}", finding.area, finding.score)
    };
    let worst = (verdict.worst_score > 0).then(|| format!("worst score {}", verdict.worst_score));
    verdict.findings.iter().map(finding).chain(worst).collect()
}

fn event(event: &Event) -> String {
    let kind = match event.kind {
        Kind::Approach => "approach",
        Kind::Dwell => "dwell",
        Kind::Reach => "reach",
        Kind::Take => "take",
        Kind::PutBack => "put-back",
        Kind::Wait => "wait",
        Kind::Leave => "leave",
    };
    let zone = event.zone.as_ref().map_or_else(String::new, |zone| format!(" in {zone}"));
    let contact = event.contact.map_or_else(String::new, |p| format!(" contact {},{}", p.x, p.y));
    let position = event.position.map_or_else(String::new, |p| format!(" position {},{} mm", p.x, p.y));
    let (track, start, end, sure) = (event.track, event.start_ms, event.end_ms, event.confidence);
    format!("{kind} by {track}{zone} {start} to {end} ms{contact}{position} sure {sure}")
}

fn face(face: &Face) -> String {
    let attentive = if face.attentive { "attentive" } else { "inattentive" };
    let size = match face.size {
        SizeClass::Small => "small",
        SizeClass::Medium => "medium",
        SizeClass::Large => "large",
    };
    let age = match face.age {
        AgeClass::Unknown => "unknown",
        AgeClass::From18To29 => "from18-to29",
        AgeClass::From30To44 => "from30-to44",
        AgeClass::From45To59 => "from45-to59",
        AgeClass::From60 => "from60",
    };
    let sex = match face.sex {
        SexClass::Undetermined => "undetermined",
        SexClass::Female => "female",
        SexClass::Male => "male",
    };
    format!("{size} face {} {attentive}, age {age}, sex {sex}", face.area)
}
