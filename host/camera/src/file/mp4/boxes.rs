//! The boxes of an MP4 file (ISO/IEC 14496-12, 4.2), found and checked before anything reads them.
//!
//! `re_mp4` reads the contents of single boxes. The way from box to box is walked here, because a file with false lengths makes the ready-made
//! reader panic or run in circles, and because a file whose end is missing should still give the pictures it has.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use re_mp4::ReadBox;

/// The four letters that name a box.
pub(super) type Name = [u8; 4];

/// One box in memory.
#[derive(Clone, Copy)]
pub(super) struct Atom<'a> {
    pub(super) name: Name,
    /// With the last 8 bytes of its header.
    bytes: &'a [u8],
}

/// Why the boxes cannot be read.
#[derive(Debug)]
pub(super) enum Fault {
    Read(io::Error),
    /// What is missing at the end.
    Truncated(String),
    /// How the file contradicts itself.
    Damaged(String),
    /// The samples are in fragments.
    Fragmented,
}

/// The largest index that is read: that of a day at 30 pictures a second is about 40 MB.
const LARGEST_INDEX: u64 = 256 << 20;

/// Bytes of a box header without a 64-bit length.
const HEADER: usize = 8;

/// Finds the index (`moov`) of a file of `length` bytes, and reads its contents.
pub(super) fn index(file: &mut File, length: u64) -> Result<Vec<u8>, Fault> {
    let mut at = 0;
    while at < length {
        let cut = |name: Name, end: u64| {
            let name = show(name);
            let what = if name == "moov" { "" } else { ", and with it the index (`moov`)" };
            Fault::Truncated(format!(
                "its part `{name}` should go on to byte {end} and the file ends at {length}{what}"
            ))
        };
        let Some((name, header, size)) = header(file, at)? else {
            return Err(Fault::Truncated(format!("the index (`moov`) is missing after byte {at}")));
        };
        let end = match size {
            // The last box goes on to the end of the file.
            0 => length,
            size if size < header => {
                return Err(Fault::Damaged(format!("its part `{}` at byte {at} has length {size}", show(name))));
            }
            size => at.saturating_add(size),
        };
        match &name {
            b"moof" => return Err(Fault::Fragmented),
            _ if end > length => return Err(cut(name, end)),
            b"moov" => {
                let size = end - at - header;
                if size > LARGEST_INDEX {
                    return Err(Fault::Damaged(format!("its index of {size} bytes is larger than {LARGEST_INDEX}")));
                }
                let mut index = vec![0; size as usize];
                file.seek(SeekFrom::Start(at + header)).map_err(Fault::Read)?;
                file.read_exact(&mut index).map_err(Fault::Read)?;
                return Ok(index);
            }
            _ => at = end,
        }
    }
    Err(Fault::Truncated("its index (`moov`), which a camera writes last, is missing".to_owned()))
}

/// Name, length of the header, and length of the whole box at `at`; `None` when the file ends within the header.
fn header(file: &mut File, at: u64) -> Result<Option<(Name, u64, u64)>, Fault> {
    let mut bytes = Vec::with_capacity(2 * HEADER);
    file.seek(SeekFrom::Start(at)).map_err(Fault::Read)?;
    file.by_ref().take(2 * HEADER as u64).read_to_end(&mut bytes).map_err(Fault::Read)?;
    Ok(split(&bytes).map(|(name, header, size)| (name, header as u64, size)))
}

/// Name, length of the header, and length of the whole box that starts here; `None` when the header is cut off.
fn split(bytes: &[u8]) -> Option<(Name, usize, u64)> {
    let (size, rest) = bytes.split_first_chunk::<4>()?;
    let (name, rest) = rest.split_first_chunk::<4>()?;
    match u32::from_be_bytes(*size) {
        1 => Some((*name, 2 * HEADER, u64::from_be_bytes(*rest.first_chunk()?))),
        size => Some((*name, HEADER, u64::from(size))),
    }
}

/// The boxes within `bytes`, one after another. Each lies wholly within `bytes`.
pub(super) fn children(bytes: &[u8]) -> Result<Vec<Atom<'_>>, Fault> {
    let mut rest = bytes;
    let mut children = Vec::new();
    // Up to 7 bytes may be left: some writers end a list with a zero.
    while rest.len() >= HEADER {
        let whole = split(rest).and_then(|(name, header, size)| {
            let end = usize::try_from(size).ok()?;
            let bytes = rest.get(header - HEADER..end)?;
            (bytes.len() >= HEADER).then_some((Atom { name, bytes }, end))
        });
        let Some((child, end)) = whole else {
            return Err(Fault::Damaged("a part of its index is longer than the part it lies in".to_owned()));
        };
        children.push(child);
        rest = &rest[end..];
    }
    Ok(children)
}

/// A box as letters.
pub(super) fn show(name: Name) -> String {
    name.escape_ascii().to_string()
}

// === impl Atom ===

impl<'a> Atom<'a> {
    /// What is in the box.
    pub(super) fn contents(self) -> &'a [u8] {
        &self.bytes[HEADER..]
    }

    /// The first box called `name` within this one.
    pub(super) fn child(self, name: Name) -> Result<Atom<'a>, Fault> {
        self.find(name)?.ok_or_else(|| Fault::Damaged(format!("its index has no `{}`", show(name))))
    }

    /// The first box called `name` within this one, if there is one.
    pub(super) fn find(self, name: Name) -> Result<Option<Atom<'a>>, Fault> {
        Ok(children(self.contents())?.into_iter().find(|child| child.name == name))
    }

    /// Reads the contents of this box. It cannot read beyond the box: there is nothing beyond.
    pub(super) fn read<T>(self) -> Result<T, Fault>
    where
        T: for<'c> ReadBox<&'c mut Cursor<&'a [u8]>>,
    {
        let mut cursor = Cursor::new(self.bytes);
        cursor.set_position(HEADER as u64);
        T::read_box(&mut cursor, self.bytes.len() as u64)
            .map_err(|e| Fault::Damaged(format!("the part `{}` of its index cannot be read ({e})", show(self.name))))
    }
}
