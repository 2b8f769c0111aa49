//! What a file is, by its first bytes: names lie.

/// How many bytes of a file are looked at.
pub(super) const START: u64 = 16;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// MP4 or QuickTime.
    Mp4,
    /// PNG or JPEG.
    Picture,
    /// Something else, in words that continue "it is not a recording:".
    Other(&'static str),
}

/// What a file is that starts like this.
pub(super) fn of(start: &[u8]) -> Kind {
    // The boxes that an MP4 or QuickTime file begins with in practice.
    const FIRST_BOXES: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"];
    if start.starts_with(b"\x89PNG\r\n\x1a\n") || start.starts_with(b"\xff\xd8\xff") {
        return Kind::Picture;
    }
    if start.get(4..8).is_some_and(|name| FIRST_BOXES.contains(&name)) {
        return Kind::Mp4;
    }
    Kind::Other(match start {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "it looks like Matroska or WebM",
        [b'R', b'I', b'F', b'F', ..] => "it looks like AVI, WAV or WebP",
        [b'G', b'I', b'F', b'8', ..] => "it looks like GIF",
        [b'B', b'M', ..] => "it looks like BMP",
        [0x47, ..] => "it looks like an MPEG transport stream",
        [0, 0, 1, ..] | [0, 0, 0, 1, ..] => "it looks like a bare video stream without a container",
        [b'I', b'D', b'3', ..] | [b'O', b'g', b'g', b'S', ..] | [b'f', b'L', b'a', b'C', ..] => {
            "it looks like a sound recording"
        }
        _ if start.len() < 8 => "it is only a few bytes long",
        _ => "its first bytes are those of no format that is known here",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_bytes() {
        assert_eq!(of(b"\0\0\0\x20ftypisom"), Kind::Mp4);
        assert_eq!(of(b"\xff\xd8\xff\xe0\0\x10JFIF"), Kind::Picture);
        assert_eq!(of(b"\x1a\x45\xdf\xa3 1234"), Kind::Other("it looks like Matroska or WebM"));
        assert!(matches!(of(b"#!/bin/sh\n"), Kind::Other(_)));
        assert!(matches!(of(b""), Kind::Other(_)));
    }
}
