//! One picture file: colour, or depth.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use sluis_frame::{Depth, Picture, Size};

use crate::error::Error;
use crate::jpeg;

/// Metres per count of depth pictures: they are in millimetres.
pub(super) const DEPTH_UNIT: f32 = 0.001;

/// The most memory that decoding one picture may take: 8K in 16-bit colour, twice.
const MOST_MEMORY: u64 = 512 << 20;

/// Decodes a colour picture, upright: a turn that a JPEG asks for is carried out.
pub(super) fn colour(file: &Path) -> Result<Picture, Error> {
    let picture = decode(file)?.into_rgb8();
    let size = Size::new(picture.width(), picture.height());
    Picture::new(size, picture.into_raw()).map_err(|e| wrong(file, e))
}

/// Decodes a depth picture: 16 bits grey, in millimetres.
pub(super) fn depth(file: &Path) -> Result<Depth, Error> {
    let picture = decode(file)?;
    if picture.color() != ColorType::L16 {
        return Err(wrong(file, format!("depth is 16 bits grey, and this is {:?}", picture.color())));
    }
    let picture = picture.into_luma16();
    let size = Size::new(picture.width(), picture.height());
    Depth::new(size, DEPTH_UNIT, picture.into_raw()).map_err(|e| wrong(file, e))
}

fn decode(file: &Path) -> Result<DynamicImage, Error> {
    let bytes = fs::read(file).map_err(|source| Error::Read { file: file.to_owned(), source })?;
    if bytes.is_empty() {
        return Err(Error::Empty { file: file.to_owned(), expected: "it should be a PNG or JPEG picture" });
    }
    let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|e| wrong(file, e))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(Picture::MAX_SIDE);
    limits.max_image_height = Some(Picture::MAX_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    match reader.format() {
        Some(ImageFormat::Png) => {}
        // The decoder fills what is missing with grey and says nothing.
        Some(ImageFormat::Jpeg) if jpeg::is_whole(&bytes) => {}
        Some(ImageFormat::Jpeg) => {
            return Err(Error::Truncated { file: file.to_owned(), missing: "its end marker is missing".to_owned() });
        }
        _ => return Err(wrong(file, "its first bytes are neither PNG nor JPEG")),
    }
    let mut decoder = reader.into_decoder().map_err(|e| wrong(file, e))?;
    let orientation = decoder.orientation().map_err(|e| wrong(file, e))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| wrong(file, e))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn wrong(file: &Path, reason: impl ToString) -> Error {
    Error::Picture { file: file.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn write(name: &str, picture: &DynamicImage) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        picture.save(&file).unwrap();
        (folder, file)
    }

    fn gradient() -> DynamicImage {
        DynamicImage::ImageRgb8(image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8 * 6, y as u8 * 8, 77])))
    }

    #[test]
    fn a_picture_cut_off_anywhere_is_an_error() {
        for name in ["a.jpg", "a.png"] {
            let (_folder, file) = write(name, &gradient());
            let bytes = fs::read(&file).unwrap();
            assert!(colour(&file).is_ok());
            // A PNG may lack the checksum of its end chunk: every pixel has come by then.
            let last = if name == "a.png" { bytes.len() - 12 } else { bytes.len() };
            for length in 0..last {
                fs::write(&file, &bytes[..length]).unwrap();
                assert!(colour(&file).is_err(), "{length} of {} bytes of {name} were accepted", bytes.len());
            }
        }
    }

    #[test]
    fn depth_that_is_not_16_bits_grey_is_refused() {
        let (_folder, file) = write("a.png", &gradient());
        assert!(depth(&file).unwrap_err().to_string().contains("16 bits grey"));
    }

    #[test]
    fn depth_is_in_millimetres() {
        let (_folder, file) =
            write("a.png", &DynamicImage::ImageLuma16(image::ImageBuffer::from_pixel(3, 2, image::Luma([1234]))));
        let depth = depth(&file).unwrap();
        assert_eq!((depth.values(), depth.millimetres(depth.size().rect())), (&[1234; 6][..], vec![1234; 6]));
    }
}
