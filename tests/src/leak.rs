//! Looks for picture data in the clear.
//!
//! Two kinds of trace: runs of pixels of known pictures, as red-green-blue and as luma rows (so raw buffers, bitmaps and decoder planes are found), and the marks by which
//! media files begin (so encoded pictures are found, whatever they show).

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;

/// Bytes of a run of pixels: long and varied enough not to occur by chance.
const RUN: usize = 24;

/// Runs taken from each picture.
const RUNS: usize = 400;

/// How media files and streams begin.
const MARKS: [(&str, &[u8]); 8] = [
    ("MCAP", b"\x89MCAP0\r\n"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    ("MP4", b"\x00\x00\x00\x18ftyp"),
    ("MP4", b"\x00\x00\x00\x20ftyp"),
    ("H.264 sequence parameters", b"\x00\x00\x00\x01\x67\x42"),
    ("H.264 sequence parameters", b"\x00\x00\x00\x01\x67\x64"),
    ("a Foxglove schema", b"foxglove.CompressedVideo"),
];

/// Something that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Leak {
    /// In which file.
    pub file: PathBuf,
    /// Where in it, in bytes.
    pub at: usize,
    /// What.
    pub what: &'static str,
}

/// Knows what to look for.
#[derive(Debug)]
pub struct Searcher {
    names: Vec<&'static str>,
    automaton: AhoCorasick,
}

impl Searcher {
    /// Will find the marks of media files, and runs of pixels of these pictures (width in pixels, and RGB8 rows).
    ///
    /// # Panics
    ///
    /// When no picture has enough detail to be recognised.
    pub fn new<'a>(pictures: impl IntoIterator<Item = (usize, &'a [u8])>) -> Self {
        let mut runs: Vec<(&'static str, Vec<u8>)> = MARKS.iter().map(|(name, mark)| (*name, mark.to_vec())).collect();
        let marks = runs.len();
        for (width, rgb) in pictures {
            let luma: Vec<u8> = rgb.chunks_exact(3).map(luma).collect();
            runs.extend(varied_runs(rgb, width * 3).map(|run| ("pixels", run)));
            runs.extend(varied_runs(&luma, width).map(|run| ("luma", run)));
        }
        assert!(runs.len() > marks, "the pictures are too flat to be searched for");
        let (names, needles): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        Self { names, automaton: AhoCorasick::new(needles).expect("the runs are few and short") }
    }

    /// Everything found in the files below `folder`.
    ///
    /// # Panics
    ///
    /// When a file cannot be read.
    pub fn search(&self, folder: &Path) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for file in files_below(folder) {
            let content = fs::read(&file).expect("the test may read what the program wrote");
            let found = self.automaton.find_iter(&content);
            leaks.extend(found.map(|m| Leak {
                file: file.clone(),
                at: m.start(),
                what: self.names[m.pattern().as_usize()],
            }));
        }
        leaks
    }
}

/// Every file below a folder, whatever its name.
///
/// # Panics
///
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the test may list what the program wrote") {
            let path = entry.expect("a listed entry is there").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// BT.601, limited range: what decoders hold.
fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((66 * r + 129 * g + 25 * b + 128) / 256 + 16) as u8
}

/// Runs with at least half their bytes different from each other, spread over the picture.
fn varied_runs(rows: &[u8], stride: usize) -> impl Iterator<Item = Vec<u8>> {
    let candidates = rows.chunks_exact(stride).flat_map(|row| row.chunks_exact(RUN));
    let varied: Vec<&[u8]> = candidates.filter(|run| run.iter().collect::<HashSet<_>>().len() >= RUN / 2).collect();
    let every = (varied.len() / RUNS).max(1);
    varied.into_iter().step_by(every).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<u8> {
        (0..64u32 * 48 * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    #[test]
    fn a_planted_row_of_pixels_is_found_wherever_it_starts() {
        let folder = tempfile::tempdir().unwrap();
        let rgb = picture();
        let searcher = Searcher::new([(64, &rgb[..])]);
        let planted = [&[7; 5], &rgb[64 * 3 * 10..64 * 3 * 12], &[9; 3]].concat();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("deep/.cache"), planted).unwrap();
        let found = searcher.search(folder.path());
        assert!(found.iter().any(|leak| leak.what == "pixels"), "{found:?}");
    }

    #[test]
    fn a_planted_decoder_plane_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let rgb = picture();
        let plane: Vec<u8> = rgb.chunks_exact(3).map(luma).collect();
        fs::write(folder.path().join("plane"), plane).unwrap();
        let found = Searcher::new([(64, &rgb[..])]).search(folder.path());
        assert!(found.iter().any(|leak| leak.what == "luma"), "{found:?}");
    }

    #[test]
    fn other_noise_is_not_taken_for_the_picture() {
        let folder = tempfile::tempdir().unwrap();
        let noise: Vec<u8> =
            (0..1_000_000u64).map(|i| (i.wrapping_mul(6_364_136_223_846_793_005) >> 33) as u8).collect();
        fs::write(folder.path().join("noise"), noise).unwrap();
        assert_eq!(Searcher::new([(64, &picture()[..])]).search(folder.path()), []);
    }
}
