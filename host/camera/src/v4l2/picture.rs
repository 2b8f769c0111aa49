//! What comes in a buffer becomes a picture.
#![cfg_attr(
    not(feature = "v4l2"),
    allow(dead_code, reason = "for the driver behind the feature `v4l2`; tested always")
)]

use sluis_frame::{Picture, Size};

use super::Coding;
use crate::colour::{Colour, Matrix};
use crate::jpeg;

/// What was agreed on with the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Format {
    pub(super) coding: Coding,
    pub(super) size: Size,
    /// Bytes from one row to the next. Means nothing for JPEG.
    pub(super) stride: usize,
    /// How YUYV is to be read.
    pub(super) colour: Colour,
}

// === impl Format ===

impl Format {
    /// The picture in a buffer.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that continue "it is no picture, for ".
    pub(super) fn picture(&self, bytes: &[u8]) -> Result<Picture, String> {
        match self.coding {
            Coding::Mjpeg => jpeg::picture(bytes, self.size),
            Coding::Yuyv => {
                let rgb = self.colour.yuyv_to_rgb(self.size, self.stride, bytes).ok_or_else(|| {
                    format!("it has {} bytes, too few for {} in rows of {} bytes", bytes.len(), self.size, self.stride)
                })?;
                Picture::new(self.size, rgb).map_err(|e| e.to_string())
            }
        }
    }
}

/// What a driver says of its colours: the fields `colorspace`, `ycbcr_enc` and `quantization` of `v4l2_pix_format`.
///
/// What it leaves open, and what is not known here, is as `V4L2_MAP_YCBCR_ENC_DEFAULT` and `V4L2_MAP_QUANTIZATION_DEFAULT` of the kernel's `linux/videodev2.h` have
/// it: BT.601 in limited range, unless the colour space says otherwise.
pub(super) fn colour(colorspace: u32, ycbcr_enc: u32, quantization: u32) -> Colour {
    // enum v4l2_colorspace.
    const REC709: u32 = 3;
    const JPEG: u32 = 7;
    const BT2020: u32 = 10;
    const DCI_P3: u32 = 12;
    // enum v4l2_ycbcr_encoding.
    const ENC_601: u32 = 1;
    const ENC_709: u32 = 2;
    const ENC_XV601: u32 = 3;
    const ENC_XV709: u32 = 4;
    const ENC_SYCC: u32 = 5;
    const ENC_BT2020: u32 = 6;
    // enum v4l2_quantization.
    const FULL_RANGE: u32 = 1;
    const LIMITED_RANGE: u32 = 2;
    let matrix = match (ycbcr_enc, colorspace) {
        (ENC_601 | ENC_XV601 | ENC_SYCC, _) => Matrix::Bt601,
        (ENC_709 | ENC_XV709, _) | (_, REC709 | DCI_P3) => Matrix::Bt709,
        (ENC_BT2020, _) | (_, BT2020) => Matrix::Bt2020,
        _ => Matrix::Bt601,
    };
    let full_range = match quantization {
        FULL_RANGE => true,
        LIMITED_RANGE => false,
        _ => colorspace == JPEG,
    };
    Colour { matrix, full_range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_driver_leaves_open_is_as_the_kernel_says() {
        assert_eq!(colour(0, 0, 0), Colour::UNSAID);
        // sRGB, as most webcams say; JPEG; Rec. 709.
        assert_eq!(colour(8, 0, 0), Colour::UNSAID);
        assert_eq!(colour(7, 0, 0), Colour { matrix: Matrix::Bt601, full_range: true });
        assert_eq!(colour(3, 0, 0), Colour { matrix: Matrix::Bt709, full_range: false });
    }

    #[test]
    fn what_a_driver_says_goes_before_what_its_colour_space_means() {
        assert_eq!(colour(8, 2, 1), Colour { matrix: Matrix::Bt709, full_range: true });
        assert_eq!(colour(3, 1, 2), Colour::UNSAID);
        assert_eq!(colour(7, 0, 2), Colour::UNSAID);
        assert_eq!(colour(u32::MAX, u32::MAX, u32::MAX), Colour::UNSAID);
    }

    #[test]
    fn a_buffer_cut_short_is_no_picture() {
        let format = Format { coding: Coding::Yuyv, size: Size::new(4, 2), stride: 10, colour: Colour::UNSAID };
        let bytes = [[235, 128].repeat(4), vec![0; 2], [16, 128].repeat(4)].concat();
        let picture = format.picture(&bytes).unwrap();
        assert_eq!(picture.pixels(), [[255; 12], [0; 12]].concat());
        let reason = format.picture(&bytes[..17]).unwrap_err();
        assert!(reason.contains("17 bytes"), "{reason}");
        let format = Format { coding: Coding::Mjpeg, ..format };
        assert!(format.picture(&bytes).unwrap_err().contains("cut off"));
    }
}
