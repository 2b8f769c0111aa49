//! Which of what a camera can do is asked for.
#![cfg_attr(
    not(feature = "v4l2"),
    allow(dead_code, reason = "for the driver behind the feature `v4l2`; tested always")
)]

use sluis_frame::Size;

use super::{Coding, Mode};
use crate::driver::Rate;

/// Enough to see heads across a shop; what is larger costs time at every station.
const LARGEST: Size = Size { width: 1280, height: 720 };

/// The mode for what is wanted, and the rate to ask for. `None` when the camera has no such size.
///
/// Of the size that is wanted, or else the largest up to 1280x720 (the smallest, if all are larger), it is the mode that comes nearest to the rate; of equals the
/// uncompressed one.
pub(super) fn choose(modes: &[Mode], size: Option<Size>, rate: Option<Rate>) -> Option<(&Mode, Rate)> {
    let wanted = rate.unwrap_or(Rate::THIRTY);
    let size = size.or_else(|| preferred(modes))?;
    // How far from what is wanted, and then what is compressed last.
    let cost =
        |mode: &Mode, rate: Rate| ((rate.per_second() - wanted.per_second()).abs(), mode.coding == Coding::Mjpeg);
    modes.iter().filter(|mode| mode.size == size).map(|mode| (mode, nearest(&mode.rates, wanted))).min_by(|a, b| {
        let (a, b) = (cost(a.0, a.1), cost(b.0, b.1));
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
    })
}

fn preferred(modes: &[Mode]) -> Option<Size> {
    let fits = |size: &Size| size.width <= LARGEST.width && size.height <= LARGEST.height;
    let sizes = || modes.iter().map(|mode| mode.size);
    sizes().filter(fits).max_by_key(|size| size.pixels()).or_else(|| sizes().min_by_key(|size| size.pixels()))
}

/// The nearest rate that there is; what is wanted, where the camera does not say what it has.
fn nearest(rates: &[Rate], wanted: Rate) -> Rate {
    let distance = |rate: &Rate| (rate.per_second() - wanted.per_second()).abs();
    rates.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(wanted)
}

/// All that a camera has, for a message.
pub(super) fn in_words(modes: &[Mode]) -> String {
    if modes.is_empty() {
        return "neither YUYV nor MJPEG".to_owned();
    }
    modes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(coding: Coding, width: u32, height: u32, rates: &[f64]) -> Mode {
        let rates = rates.iter().map(|rate| Rate::new(*rate).expect("a rate")).collect();
        Mode { coding, size: Size::new(width, height), rates }
    }

    /// What a common webcam says (Logitech C920, through USB 2).
    fn webcam() -> Vec<Mode> {
        vec![
            mode(Coding::Yuyv, 640, 480, &[30.0, 24.0, 15.0, 5.0]),
            mode(Coding::Yuyv, 1280, 720, &[10.0, 5.0]),
            mode(Coding::Yuyv, 1920, 1080, &[5.0]),
            mode(Coding::Mjpeg, 640, 480, &[30.0, 15.0]),
            mode(Coding::Mjpeg, 1280, 720, &[30.0, 15.0]),
            mode(Coding::Mjpeg, 1920, 1080, &[30.0, 15.0]),
        ]
    }

    fn chosen(size: Option<(u32, u32)>, rate: Option<f64>) -> Option<(Coding, Size, f64)> {
        let size = size.map(|(width, height)| Size::new(width, height));
        let modes = webcam();
        choose(&modes, size, rate.map(|rate| Rate::new(rate).expect("a rate")))
            .map(|(mode, rate)| (mode.coding, mode.size, rate.per_second()))
    }

    #[test]
    fn what_fits_uncompressed_is_not_compressed() {
        assert_eq!(chosen(Some((640, 480)), None), Some((Coding::Yuyv, Size::new(640, 480), 30.0)));
        assert_eq!(chosen(Some((1280, 720)), Some(10.0)), Some((Coding::Yuyv, Size::new(1280, 720), 10.0)));
    }

    #[test]
    fn high_resolutions_are_compressed() {
        assert_eq!(chosen(Some((1920, 1080)), None), Some((Coding::Mjpeg, Size::new(1920, 1080), 30.0)));
        assert_eq!(chosen(None, None), Some((Coding::Mjpeg, Size::new(1280, 720), 30.0)));
    }

    #[test]
    fn the_nearest_rate_is_taken_and_another_size_is_not() {
        assert_eq!(chosen(Some((1920, 1080)), Some(12.0)), Some((Coding::Mjpeg, Size::new(1920, 1080), 15.0)));
        assert_eq!(chosen(Some((800, 600)), None), None);
    }

    #[test]
    fn a_camera_with_large_pictures_only_gives_its_smallest() {
        let modes = [mode(Coding::Mjpeg, 3840, 2160, &[30.0]), mode(Coding::Mjpeg, 1920, 1080, &[])];
        let (mode, rate) = choose(&modes, None, None).unwrap();
        assert_eq!((mode.size, rate), (Size::new(1920, 1080), Rate::THIRTY));
        assert!(choose(&[], None, None).is_none());
    }

    #[test]
    fn what_there_is_is_told() {
        assert!(in_words(&webcam()).starts_with("YUYV 640x480 up to 30.00/s, YUYV 1280x720 up to 10.00/s"));
        assert_eq!(in_words(&[]), "neither YUYV nor MJPEG");
    }
}
