//! Cameras: what goes through the hand-over, and what the witness sees of it.

use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use sluis_frame::door::Attempt;
use sluis_frame::{
    CameraId, Cause, Cleared, Doors, Frame, FrameNumber, Header, Mask, Picture, Rect, Rgb, Shape, Size, Style,
    Timestamp, Verdict, paint,
};
use sluis_segment::handover::{EyeEnd, ToEye, ToKeep, pair};
use sluis_segment::{Binding, Opener, Recorder, RecorderSettings, Sealer, SegmentId, SegmentKey, Summary};
use sluis_vault::{Served, Vault};

use crate::error::Error;
use crate::shop::SHOP;

/// How a recording ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    /// The recorder gives it up: its gate saw something.
    Abandoned,
    /// The recorder dies in the middle.
    BrokenOff,
}

/// What the witness has seen of one recording.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The vault said that it is open.
    pub(crate) opened: Option<SeenOpened>,
    /// The vault said that it is on disk.
    pub(crate) closed: bool,
    /// The vault said no, and why.
    pub(crate) refused: Option<String>,
    /// SHA-256 of the plaintext, where all of it was sent.
    pub(crate) digest: Option<Digest>,
    pub(crate) served: Served,
}

/// What the vault answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenOpened {
    pub(crate) segment: SegmentId,
    pub(crate) deadline: Timestamp,
    pub(crate) key: [u8; 32],
}

pub(crate) type Digest = [u8; 32];

/// How long an answer of the vault may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes in one message.
const PIECE: usize = 4000;
const SIZE: Size = Size::new(32, 32);
/// Each frame is so long after the one before, in milliseconds.
const INTERVAL: u64 = 100;

/// A segment of these bytes, sealed as the recorder seals.
pub(crate) fn hand_over(vault: &Arc<Vault>, camera: &CameraId, started: Timestamp, plain: &[u8], end: End) -> Seen {
    let (eye, keep) = pair(8);
    thread::scope(|scope| {
        let serving = scope.spawn(|| vault.serve(keep));
        let mut seen = Seen::default();
        speak(&eye, camera, started, plain, end, &mut seen);
        drop(eye);
        seen.served = serving.join().unwrap_or_default();
        seen
    })
}

fn speak(eye: &EyeEnd, camera: &CameraId, started: Timestamp, plain: &[u8], end: End, seen: &mut Seen) -> Option<()> {
    eye.send(ToKeep::Open { camera: camera.clone(), started }).ok()?;
    let key = witness(&eye.receive(PATIENCE).ok()?, seen)?;
    let segment = seen.opened?.segment;
    let binding = Binding { shop: SHOP.to_owned(), camera: camera.clone(), segment }.associated_data();
    let mut sealer = Sealer::new(Vec::new(), &key, &binding, &SystemRandom::new()).ok()?;
    sealer.write_all(plain).ok()?;
    let (sealed, _) = sealer.finish().ok()?;
    let sent = if end == End::Closed { sealed.len() } else { sealed.len() / 2 };
    for (n, bytes) in sealed[..sent].chunks(PIECE).enumerate() {
        eye.send(ToKeep::Bytes { segment, offset: (n * PIECE) as u64, bytes: bytes.to_vec() }).ok()?;
    }
    match end {
        End::Closed => {
            let summary = Box::new(summary(sealed.len() as u64, started));
            eye.send(ToKeep::Close { segment, summary }).ok()?;
            seen.digest = digest_of(plain);
        }
        End::Abandoned => {
            eye.send(ToKeep::Abandon { segment, reason: "the gate saw a face, in a rehearsal".to_owned() }).ok()?;
        }
        End::BrokenOff => return Some(()),
    }
    witness(&eye.receive(PATIENCE).ok()?, seen);
    Some(())
}

/// Notes what the vault answered; gives the key of an opened segment.
fn witness(answer: &ToEye, seen: &mut Seen) -> Option<SegmentKey> {
    match answer {
        ToEye::Opened { segment, key, deadline } => {
            let bytes = *key.expose();
            seen.opened = Some(SeenOpened { segment: *segment, deadline: *deadline, key: bytes });
            return Some(SegmentKey::from_bytes(bytes));
        }
        ToEye::Closed { .. } => seen.closed = true,
        ToEye::Refused { reason } => seen.refused = Some(reason.clone()),
        _ => {}
    }
    None
}

/// A segment of so many frames, made by the real recorder. `at` is called at each piece of the stream, when the vault has all before it and not that one.
pub(crate) fn record(
    vault: &Arc<Vault>,
    camera: &CameraId,
    started: Timestamp,
    frames: u64,
    end: End,
    at: &mut dyn FnMut(usize),
) -> Result<Seen, Error> {
    let doors = doors()?;
    let (recorder_eye, witness_keep) = pair(8);
    let (witness_eye, keep) = pair(8);
    let recorder = Recorder::new(settings(camera), recorder_eye)?;
    let made: Vec<_> = (0..frames).map(|n| frame(doors, camera, n, started)).collect();
    thread::scope(|scope| {
        let serving = scope.spawn(|| vault.serve(keep));
        let recording = scope.spawn(move || {
            let mut recorder = recorder;
            // A vault that refuses ends the recording; what it said is seen on the way.
            let recorded = made.iter().try_for_each(|frame| recorder.record(frame, &[]));
            if recorded.is_ok() && end == End::Closed {
                let _ = recorder.finish();
            }
        });
        let (mut seen, mut sealed, mut pieces) = (Seen::default(), Vec::new(), 0);
        while let Some(message) = witness_keep.receive() {
            let (asks, closes) = (!matches!(message, ToKeep::Bytes { .. }), matches!(message, ToKeep::Close { .. }));
            if let ToKeep::Bytes { bytes, .. } = &message {
                sealed.extend_from_slice(bytes);
                // All that was sent before has arrived: what a kill leaves is the same each time.
                if !settle(&witness_eye) {
                    break;
                }
                at(pieces);
                pieces += 1;
            }
            if witness_eye.send(message).is_err() {
                break;
            }
            if asks {
                let Ok(answer) = witness_eye.receive(PATIENCE) else { break };
                witness(&answer, &mut seen);
                if closes {
                    seen.digest = opened(&seen, camera, &sealed);
                }
                if witness_keep.send(answer).is_err() {
                    break;
                }
            }
        }
        drop(witness_keep);
        let _ = recording.join();
        drop(witness_eye);
        seen.served = serving.join().unwrap_or_default();
        Ok(seen)
    })
}

/// Returns when the vault has dealt with all that was sent, by asking for what it refuses; `false` when it has ended.
fn settle(eye: &EyeEnd) -> bool {
    let nobody = SegmentId::from_bytes([0xee; 16]);
    let summary = Box::new(summary(0, Timestamp::from_secs(0)));
    eye.send(ToKeep::Close { segment: nobody, summary }).is_ok() && eye.receive(PATIENCE).is_ok()
}

/// The digest of what was sealed.
fn opened(seen: &Seen, camera: &CameraId, sealed: &[u8]) -> Option<Digest> {
    let SeenOpened { segment, key, .. } = seen.opened?;
    let binding = Binding { shop: SHOP.to_owned(), camera: camera.clone(), segment }.associated_data();
    let mut plain = Vec::new();
    Opener::new(sealed, &SegmentKey::from_bytes(key), &binding).ok()?.read_to_end(&mut plain).ok()?;
    digest_of(&plain)
}

/// The SHA-256 of these bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Option<Digest> {
    digest(&SHA256, bytes).as_ref().try_into().ok()
}

fn summary(sealed_bytes: u64, started: Timestamp) -> Summary {
    Summary {
        sealed_bytes,
        frames: Default::default(),
        masks: 0,
        events: 0,
        first_captured: started,
        last_captured: started,
        audit: Default::default(),
        gate: Default::default(),
        plugins: vec![],
    }
}

fn settings(camera: &CameraId) -> RecorderSettings {
    RecorderSettings {
        shop: SHOP.to_owned(),
        camera: camera.clone(),
        size: SIZE,
        rate: 10.0,
        depth_unit: None,
        calibration: None,
        style: Style::Fill(Rgb(16, 16, 16)),
        segment_length: Duration::from_secs(60),
        plugins: vec![],
    }
}

/// The `n`th frame: grey noise, so that it does not compress to nothing, with a mask.
fn frame(doors: &Doors, camera: &CameraId, n: u64, from: Timestamp) -> Frame<Cleared> {
    let captured = from + Duration::from_millis(n * INTERVAL);
    let header = Header { camera: camera.clone(), number: FrameNumber(n), captured };
    let pixels = (0..SIZE.pixels() * 3).map(|i| 60 + ((i as u64 * 2_654_435_761 + n * 40_503) >> 7) as u8 % 120);
    let picture = Picture::new(SIZE, pixels.collect::<Vec<u8>>()).expect("as many bytes as its size says");
    let raw = Frame::capture(header, picture, None).expect("there is no depth that could differ in size");
    let style = Style::Fill(Rgb(16, 16, 16));
    let mask = Mask { shape: Shape::Rect(Rect::new(8, 8, 16, 16)), cause: Cause::Filter };
    let verdict = Verdict { findings: vec![], worst_score: 0, independent: true };
    let redacted = paint::redact(&raw, vec![mask], style);
    doors.audit.pass(redacted, verdict, Attempt::First).expect("the verdict has no finding")
}

/// The doors of this process, made once.
fn doors() -> Result<&'static Doors, Error> {
    static DOORS: OnceLock<Option<Doors>> = OnceLock::new();
    DOORS.get_or_init(Doors::mint).as_ref().ok_or(Error::Doors)
}
