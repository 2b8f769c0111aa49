//! Raw frames that wait on a disk, sealed.
//!
//! This is the one place where a raw picture leaves memory (`[deferred]`): JPEG and losslessly coded depth, sealed with AES-256-GCM under keys that exist in this process alone. A
//! key is used for a minute's frames and zeroed with the last of them, so a frame whose time is over cannot be opened again, whatever becomes of the disk. The file is one that
//! has no name: when the process ends, its bytes are free and their keys gone.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::Cursor;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ExtendedColorType, ImageDecoder};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use sluis_frame::{Clock, Frame, Header, Picture, Raw, Size};
use zeroize::Zeroizing;

/// The frames of one camera that wait, the oldest first. One thread puts frames in, one takes them out.
pub struct Spool {
    file: File,
    /// How long a frame may wait.
    patience: Duration,
    clock: Arc<dyn Clock>,
    ring: Mutex<Ring>,
    /// How many wait, and how many were destroyed since somebody last asked: known without waiting for the disk, as the ring is not.
    waiting: AtomicU64,
    lost: AtomicU64,
}

/// Where the frames lie in the file, one after the other, beginning again at its start when it is full.
struct Ring {
    entries: VecDeque<Entry>,
    capacity: u64,
    /// What the next frame is sealed under.
    key: Option<Current>,
}

/// The key in use.
struct Current {
    key: Arc<Key>,
    made: Instant,
    /// Frames sealed under it: the next one's nonce.
    used: u64,
}

/// A frame that waits. All but its pixels stays in memory.
struct Entry {
    header: Header,
    size: Size,
    /// Length of the JPEG picture; what follows it is depth.
    picture: usize,
    /// Metres per count, if there is depth.
    depth: Option<f32>,
    since: Instant,
    offset: u64,
    length: usize,
    key: Arc<Key>,
    nonce: u64,
}

/// A key, zeroed with the last frame that is sealed under it.
struct Key(Zeroizing<[u8; 32]>);

/// JPEG's scale of 1 to 100: high, for detectors look at the picture after this, and most cameras have compressed it before. Detectors were not measured on it.
const QUALITY: u8 = 92;

/// A key is used for so long.
const KEY_AGE: Duration = Duration::from_secs(60);

// === impl Spool ===

impl Spool {
    /// In this file, which nobody else writes to. It grows to `capacity` bytes at the most.
    pub fn new(file: File, patience: Duration, capacity: u64, clock: Arc<dyn Clock>) -> Self {
        let ring = Mutex::new(Ring { entries: VecDeque::new(), capacity, key: None });
        let spool = Self { file, patience, clock, ring, waiting: AtomicU64::new(0), lost: AtomicU64::new(0) };
        spool.clear();
        spool
    }

    /// Puts a frame behind those that wait. When there is no room, the oldest are destroyed; a frame that cannot be written is destroyed itself.
    pub(super) fn push(&self, frame: Frame<Raw>) {
        if self.put(frame).is_none() {
            self.lose(1);
        }
    }

    fn put(&self, frame: Frame<Raw>) -> Option<()> {
        let size = frame.size();
        let mut sealed = Vec::new();
        let (pixels, Size { width, height }) = (frame.picture().pixels(), size);
        JpegEncoder::new_with_quality(&mut sealed, QUALITY)
            .encode(pixels, width, height, ExtendedColorType::Rgb8)
            .ok()?;
        let picture = sealed.len();
        if let Some(depth) = frame.depth() {
            sealed.extend(sluis_segment::depth::encode(depth).ok()?);
        }
        let depth = frame.depth().map(sluis_frame::Depth::unit);
        let (key, nonce) = self.with(Ring::next_key)?;
        key.cipher()?.seal_in_place_append_tag(nonce_of(nonce), Aad::empty(), &mut sealed).ok()?;
        let (header, length) = (frame.header().clone(), sealed.len());
        self.with(|ring| {
            let offset = ring.make_room(length as u64, |frames| self.lose(frames))?;
            self.file.write_all_at(&sealed, offset).ok()?;
            let since = Instant::now();
            ring.entries.push_back(Entry { header, size, picture, depth, since, offset, length, key, nonce });
            Some(())
        })
    }

    /// Takes the oldest frame that still may be opened.
    pub(super) fn pop(&self) -> Option<Frame<Raw>> {
        loop {
            self.tidy();
            let (entry, sealed) = self.with(|ring| {
                let entry = ring.entries.pop_front()?;
                let mut sealed = vec![0; entry.length];
                let read = self.file.read_exact_at(&mut sealed, entry.offset);
                self.lose(u64::from(read.is_err()));
                Some((entry, read.ok().map(|()| sealed)))
            })?;
            let Some(sealed) = sealed else { continue };
            match entry.open(sealed) {
                Some(frame) => return Some(frame),
                None => self.lose(1),
            }
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting() == 0
    }

    /// How many were destroyed since this was last asked.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::SeqCst)
    }

    /// Destroys those whose time is over: by either clock, so that neither setting one back nor suspending the machine lets a frame wait for longer. Whoever holds a spool
    /// and takes nothing out of it asks for this now and then.
    pub fn tidy(&self) {
        let now = self.clock.now();
        let over =
            |entry: &Entry| entry.since.elapsed() > self.patience || now.since(entry.header.captured) > self.patience;
        self.with(|ring| {
            let before = ring.entries.len();
            while ring.entries.front().is_some_and(over) {
                ring.entries.pop_front();
            }
            self.lose((before - ring.entries.len()) as u64);
        });
    }

    /// Destroys all that wait, and gives how many there were, with those that [`take_lost`](Self::take_lost) has not told.
    pub fn clear(&self) -> u64 {
        self.with(|ring| {
            self.lose(ring.entries.len() as u64);
            ring.entries.clear();
        });
        self.take_lost()
    }

    /// Destroys what is not of this size, or has not depth of this unit (metres per count), or has some where there should be none: of a camera that was set otherwise.
    pub(super) fn keep_only(&self, size: Size, depth: Option<f32>) {
        self.with(|ring| {
            let before = ring.entries.len();
            ring.entries.retain(|entry| entry.size == size && entry.depth == depth);
            self.lose((before - ring.entries.len()) as u64);
        });
    }

    fn lose(&self, frames: u64) {
        self.lost.fetch_add(frames, Ordering::SeqCst);
    }

    /// Does something with the ring. When nothing waits after it, the key goes, and the disk's room.
    fn with<T>(&self, what: impl FnOnce(&mut Ring) -> T) -> T {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let before = ring.entries.len();
        let result = what(&mut ring);
        if ring.entries.is_empty() && before > 0 {
            ring.key = None;
            // Where it fails, the room is used again.
            let _ = self.file.set_len(0);
        }
        self.waiting.store(ring.entries.len() as u64, Ordering::SeqCst);
        result
    }
}

impl Drop for Spool {
    /// The file may be held open by others.
    fn drop(&mut self) {
        self.clear();
    }
}

fn nonce_of(number: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

// === impl Ring ===

impl Ring {
    /// The key to seal with, and a nonce that it has never been used with.
    fn next_key(&mut self) -> Option<(Arc<Key>, u64)> {
        let in_use = self.key.take().filter(|current| current.made.elapsed() < KEY_AGE);
        let current = match in_use {
            Some(current) => current,
            None => Current { key: Arc::new(Key::random()?), made: Instant::now(), used: 0 },
        };
        let next = (Arc::clone(&current.key), current.used);
        self.key = Some(Current { used: current.used + 1, ..current });
        Some(next)
    }

    /// Where so many bytes fit; destroys the oldest frames until they do. `None` when they never do.
    fn make_room(&mut self, length: u64, lost: impl Fn(u64)) -> Option<u64> {
        if length > self.capacity {
            return None;
        }
        loop {
            let (Some(first), Some(last)) = (self.entries.front(), self.entries.back()) else { return Some(0) };
            let (head, tail) = (first.offset, last.offset + last.length as u64);
            if tail <= head && tail + length <= head {
                return Some(tail);
            }
            if tail > head && tail + length <= self.capacity {
                return Some(tail);
            }
            if tail > head && length <= head {
                return Some(0);
            }
            self.entries.pop_front();
            lost(1);
        }
    }
}

// === impl Entry ===

impl Entry {
    /// The frame out of its sealed bytes, if they are what was written.
    fn open(self, mut sealed: Vec<u8>) -> Option<Frame<Raw>> {
        let plain = self.key.cipher()?.open_in_place(nonce_of(self.nonce), Aad::empty(), &mut sealed).ok()?;
        let (picture, depth) = plain.split_at_checked(self.picture)?;
        let decoder = JpegDecoder::new(Cursor::new(picture)).ok()?;
        let mut pixels = vec![0; usize::try_from(decoder.total_bytes()).ok()?];
        decoder.read_image(&mut pixels).ok()?;
        let picture = Picture::new(self.size, pixels).ok()?;
        let depth = match self.depth {
            Some(unit) => Some(sluis_segment::depth::decode(depth, self.size, unit).ok()?),
            None => None,
        };
        Frame::capture(self.header, picture, depth).ok()
    }
}

// === impl Key ===

impl Key {
    fn random() -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use sluis_frame::{CameraId, Depth, FrameNumber, SystemClock, Timestamp};

    use super::*;

    const SIZE: Size = Size::new(64, 48);

    /// A picture and depth that tell the frame's number.
    fn frame(number: u64) -> Frame<Raw> {
        let header = Header {
            camera: CameraId::new("till").expect("the name has the right alphabet"),
            number: FrameNumber(number),
            captured: SystemClock.now(),
        };
        let picture =
            Picture::new(SIZE, vec![(number * 7 % 256) as u8; SIZE.pixels() * 3]).expect("it is of this size");
        let depth = Depth::new(SIZE, 0.001, vec![number as u16; SIZE.pixels()]).expect("it is of this size");
        Frame::capture(header, picture, Some(depth)).expect("both are of one size")
    }

    fn spool(patience: Duration, capacity: u64) -> (Spool, File) {
        let file = tempfile::tempfile().expect("there is a folder for temporary files");
        let seen = file.try_clone().expect("a file can be opened twice");
        (Spool::new(file, patience, capacity, Arc::new(SystemClock)), seen)
    }

    fn bytes(file: &File) -> Vec<u8> {
        let mut bytes = vec![0; file.metadata().expect("it is open").len() as usize];
        file.read_exact_at(&mut bytes, 0).expect("it is as long as it says");
        bytes
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn what_waits_comes_out_in_order_with_its_depth_and_nearly_the_same_colours() {
        let (spool, file) = spool(HOUR, 1 << 20);
        (0..20).for_each(|number| spool.push(frame(number)));
        assert_eq!(spool.waiting(), 20);
        for number in 0..20 {
            let out = spool.pop().expect("it waits");
            assert_eq!(out.header().number, FrameNumber(number));
            assert_eq!(out.depth().map(|depth| depth.values()[5]), Some(number as u16));
            let (found, expected) = (i32::from(out.picture().pixels()[100]), (number * 7 % 256) as i32);
            assert!((found - expected).abs() <= 2, "{found} instead of {expected}");
        }
        assert!(spool.pop().is_none());
        assert_eq!(file.metadata().expect("it is open").len(), 0, "what nobody waits in takes no room");
        assert_eq!(spool.take_lost(), 0);
    }

    #[test]
    fn nothing_that_can_be_read_lies_on_the_disk() {
        let (spool, file) = spool(HOUR, 1 << 20);
        // The same picture: equal plain texts must not be equal when sealed.
        (0..50).for_each(|_| spool.push(frame(3)));
        let (bytes, mut counts) = (bytes(&file), [0u32; 256]);
        assert!(bytes.len() > 20_000);
        bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        let mean = bytes.len() as f64 / 256.0;
        let chi_squared: f64 = counts.iter().map(|count| (f64::from(*count) - mean).powi(2) / mean).sum();
        // 255 degrees of freedom: mean 255, standard deviation 22.6.
        assert!(chi_squared < 400.0, "{chi_squared}: the bytes on the disk are not evenly distributed");
        assert!(!bytes.windows(4).any(|window| window == b"JFIF"));
    }

    #[test]
    fn a_changed_byte_costs_the_frame_and_is_counted() {
        let (spool, file) = spool(HOUR, 1 << 20);
        (0..3).for_each(|number| spool.push(frame(number)));
        let byte = bytes(&file)[10];
        file.write_all_at(&[byte ^ 1], 10).expect("it is open");
        assert_eq!(spool.pop().map(|frame| frame.header().number.0), Some(1));
        assert_eq!(spool.take_lost(), 1);
    }

    #[test]
    fn a_full_disk_keeps_the_newest_and_nothing_beyond_its_limit() {
        let (spool, file) = spool(HOUR, 1 << 20);
        spool.push(frame(0));
        let one = file.metadata().expect("it is open").len();
        let (spool, file) = self::spool(HOUR, one * 7 / 2);
        let mut next = 0;
        for round in 0..40u64 {
            spool.push(frame(round));
            if round % 3 == 2 {
                let number = spool.pop().expect("the newest waits").header().number.0;
                assert!(number >= next && number <= round, "{number} after {next}");
                next = number + 1;
            }
            assert!(file.metadata().expect("it is open").len() <= one * 7 / 2);
            assert!((1..=3).contains(&spool.waiting()));
        }
        assert_eq!(40, spool.take_lost() + 13 + spool.waiting());
    }

    #[test]
    fn a_frame_whose_time_is_over_is_gone() {
        let (spool, _file) = spool(Duration::from_millis(200), 1 << 20);
        spool.push(frame(0));
        assert_eq!(spool.waiting(), 1);
        thread::sleep(Duration::from_millis(250));
        spool.push(frame(1));
        assert_eq!(spool.pop().map(|frame| frame.header().number.0), Some(1));
        assert_eq!(spool.take_lost(), 1);
        // By the wall clock as well: one that was captured long ago does not wait.
        let old = Header { captured: Timestamp::from_nanos(0), ..frame(2).header().clone() };
        spool.push(frame(2).captured_as(old));
        assert!(spool.pop().is_none());
        assert_eq!(spool.take_lost(), 1);
    }

    #[test]
    fn a_camera_that_was_set_otherwise_begins_anew() {
        let (spool, file) = spool(HOUR, 1 << 20);
        (0..3).for_each(|number| spool.push(frame(number)));
        spool.keep_only(SIZE, Some(0.001));
        assert_eq!((spool.waiting(), spool.take_lost()), (3, 0));
        spool.keep_only(SIZE, Some(0.0001));
        assert_eq!((spool.waiting(), spool.take_lost()), (0, 3));
        assert_eq!(file.metadata().expect("it is open").len(), 0);
    }
}
