//! Where each picture of a track lies in the file, and when it is shown (ISO/IEC 14496-12, 8.6 and 8.7).

use std::sync::Arc;

use re_mp4::{Co64Box, CttsBox, StcoBox, StscBox, StszBox, SttsBox};

use super::boxes::{Atom, Fault};

/// The tables of one track.
#[derive(Debug)]
struct Tables {
    sizes: StszBox,
    runs: StscBox,
    chunks: Vec<u64>,
    durations: SttsBox,
    shifts: Option<CttsBox>,
}

/// One coded picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Its first byte in the file.
    pub(super) offset: u64,
    /// Its length in bytes.
    pub(super) size: u32,
    /// When it is shown, in ticks of the track.
    pub(super) shown: i64,
}

/// The coded pictures of one track in the order of decoding.
///
/// The tables are kept as they lie in the file and read step by step: a list of all pictures of a day would be several times as large.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    tables: Arc<Tables>,
    next: u32,
    /// Index of the chunk, and how many of its samples are left.
    chunk: Option<usize>,
    left_in_chunk: u32,
    /// Index into the runs of chunks.
    run: usize,
    offset: u64,
    decoded: i64,
    duration: Runs,
    shift: Runs,
}

/// A place in a run-length table: which entry, and how much of it is used up.
#[derive(Debug, Clone, Copy, Default)]
struct Runs {
    entry: usize,
    used: u32,
}

/// What is known of a track when all its tables have been walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) samples: u32,
    /// When the first picture is shown, in ticks.
    pub(super) first: i64,
    /// When the last picture is shown, in ticks.
    pub(super) last: i64,
    /// How long the first picture in decoding order stands, in ticks.
    pub(super) duration: u32,
}

/// The most pictures in one file: a day at 1000 pictures a second.
const MOST_SAMPLES: u32 = 86_400_000;

// === impl Samples ===

impl Samples {
    /// Reads the tables out of the sample table box.
    pub(super) fn read(table: Atom<'_>) -> Result<Self, Fault> {
        let chunks = match table.find(*b"stco")? {
            Some(small) => small.read::<StcoBox>()?.entries.into_iter().map(u64::from).collect(),
            None => table.child(*b"co64")?.read::<Co64Box>()?.entries,
        };
        let tables = Tables {
            sizes: table.child(*b"stsz")?.read()?,
            runs: table.child(*b"stsc")?.read()?,
            chunks,
            durations: table.child(*b"stts")?.read()?,
            shifts: table.find(*b"ctts")?.map(Atom::read).transpose()?,
        };
        if tables.sizes.sample_count > MOST_SAMPLES {
            return Err(Fault::Damaged(format!("it claims {} pictures", tables.sizes.sample_count)));
        }
        if tables.runs.entries.iter().any(|run| run.sample_description_index != 1) {
            return Err(Fault::Damaged("its pictures change their format on the way".to_owned()));
        }
        Ok(Self {
            tables: Arc::new(tables),
            next: 0,
            chunk: None,
            left_in_chunk: 0,
            run: 0,
            offset: 0,
            decoded: 0,
            duration: Runs::default(),
            shift: Runs::default(),
        })
    }

    /// Walks through all tables once, so that what they contradict is known before the first picture.
    pub(super) fn extent(&self) -> Result<Extent, Fault> {
        let mut extent = Extent {
            samples: self.tables.sizes.sample_count,
            first: i64::MAX,
            last: i64::MIN,
            duration: self.tables.durations.entries.first().map_or(0, |entry| entry.sample_delta),
        };
        for sample in self.clone() {
            let sample = sample?;
            extent.first = extent.first.min(sample.shown);
            extent.last = extent.last.max(sample.shown);
        }
        Ok(extent)
    }

    fn step(&mut self) -> Option<Sample> {
        let tables = Arc::clone(&self.tables);
        if self.left_in_chunk == 0 {
            let chunk = self.chunk.map_or(0, |chunk| chunk + 1);
            let runs = &tables.runs.entries;
            // Chunks count from 1 in the file.
            while runs.get(self.run + 1).is_some_and(|run| run.first_chunk as usize <= chunk + 1) {
                self.run += 1;
            }
            self.left_in_chunk = runs.get(self.run)?.samples_per_chunk;
            self.offset = *tables.chunks.get(chunk)?;
            self.chunk = Some(chunk);
        }
        self.left_in_chunk = self.left_in_chunk.checked_sub(1)?;
        let size = match tables.sizes.sample_size {
            0 => *tables.sizes.sample_sizes.get(self.next as usize)?,
            all => all,
        };
        let duration =
            self.duration.step(|i| tables.durations.entries.get(i).map(|e| (e.sample_count, e.sample_delta)))?;
        let shift = match &tables.shifts {
            Some(shifts) => self.shift.step(|i| shifts.entries.get(i).map(|e| (e.sample_count, e.sample_offset)))?,
            None => 0,
        };
        let sample = Sample { offset: self.offset, size, shown: self.decoded.checked_add(i64::from(shift))? };
        self.offset = self.offset.checked_add(u64::from(size))?;
        self.decoded = self.decoded.checked_add(i64::from(duration))?;
        self.next += 1;
        Some(sample)
    }
}

impl Iterator for Samples {
    type Item = Result<Sample, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let claimed = self.tables.sizes.sample_count;
        (self.next < claimed).then(|| {
            self.step().ok_or_else(|| {
                Fault::Damaged(format!(
                    "its index claims {claimed} pictures and says of {} only where they are",
                    self.next
                ))
            })
        })
    }
}

// === impl Runs ===

impl Runs {
    /// The value for the next sample of a table of `(count, value)`; `None` after its end.
    fn step<T>(&mut self, entry: impl Fn(usize) -> Option<(u32, T)>) -> Option<T> {
        loop {
            let (count, value) = entry(self.entry)?;
            if self.used < count {
                self.used += 1;
                return Some(value);
            }
            *self = Self { entry: self.entry + 1, used: 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::boxes;
    use super::*;

    /// A box of 32-bit numbers.
    fn table(name: &str, numbers: &[u32]) -> Vec<u8> {
        let contents: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
        wrap(name, &contents)
    }

    fn wrap(name: &str, contents: &[u8]) -> Vec<u8> {
        [&(contents.len() as u32 + 8).to_be_bytes(), name.as_bytes(), contents].concat()
    }

    /// Five samples: two in each of two chunks, one in a third. The first number of each table is version and flags.
    fn tables() -> [Vec<u32>; 5] {
        [
            vec![0, 0, 5, 10, 20, 30, 40, 50],
            vec![0, 2, 1, 2, 1, 3, 1, 1],
            vec![0, 3, 100, 500, 900],
            vec![0, 2, 2, 1, 3, 2],
            vec![0x0100_0000, 2, 1, 3, 4, u32::MAX],
        ]
    }

    fn read(tables: &[Vec<u32>; 5]) -> Result<Vec<(u64, u32, i64)>, Fault> {
        let [stsz, stsc, stco, stts, ctts] = tables;
        let contents = [("stsz", stsz), ("stsc", stsc), ("stco", stco), ("stts", stts), ("ctts", ctts)]
            .map(|(name, numbers)| table(name, numbers))
            .concat();
        let stbl = wrap("stbl", &contents);
        let samples = Samples::read(boxes::children(&stbl)?[0])?;
        samples.extent()?;
        samples.map(|s| s.map(|s| (s.offset, s.size, s.shown))).collect()
    }

    #[test]
    fn every_sample_is_found_where_the_tables_say() {
        assert_eq!(read(&tables()).unwrap(), [(100, 10, 3), (110, 20, 0), (500, 30, 1), (530, 40, 3), (900, 50, 5)]);
    }

    #[test]
    fn tables_that_end_too_early_are_an_error() {
        // One chunk, one run of chunks, one duration, one shift fewer than the five samples need.
        for (index, shorter) in [
            (1, vec![0, 0]),
            (2, vec![0, 2, 100, 500]),
            (3, vec![0, 1, 2, 1]),
            (4, vec![0, 1, 1, 3]),
            (1, vec![0, 2, 1, 2, 1, 3, 0, 1]),
        ] {
            let mut tables = tables();
            tables[index] = shorter;
            assert!(matches!(read(&tables), Err(Fault::Damaged(_))), "{tables:?}");
        }
    }

    #[test]
    fn a_claim_of_billions_of_pictures_is_refused_at_once() {
        let mut tables = tables();
        tables[0] = vec![0, 1, u32::MAX];
        assert!(matches!(read(&tables), Err(Fault::Damaged(_))));
    }

    proptest! {
        #[test]
        fn no_table_panics(which in 0usize..5, place in 0usize..8, value in prop::sample::select(vec![0, 1, 2, 5, 0x7fff_ffff, u32::MAX])) {
            let mut tables = tables();
            let numbers = tables[which].len();
            tables[which][place % numbers] = value;
            let _ = read(&tables);
        }
    }
}
