//! Folders of pictures, with and without depth, and single pictures.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage};
use sluis_camera::{Error, Pace, Rate, file};
use sluis_frame::{CameraId, Size};
use support::{NOW, Still, open, play};

/// A folder that is filled file by file.
struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, picture: impl Into<DynamicImage>) -> PathBuf {
        let path = self.path().join(name);
        picture.into().save(&path).unwrap();
        path
    }

    fn colour(&self, name: &str, (width, height): (u32, u32), level: u8) -> PathBuf {
        self.put(name, RgbImage::from_pixel(width, height, Rgb([level; 3])))
    }

    fn depth(&self, name: &str, (width, height): (u32, u32), millimetres: u16) -> PathBuf {
        self.put(name, DynamicImage::ImageLuma16(ImageBuffer::from_pixel(width, height, Luma([millimetres]))))
    }
}

#[test]
fn pictures_come_in_natural_order_at_the_rate_that_was_asked_for() {
    let shelf = Shelf::new();
    for (name, level) in [("10.png", 30), ("2.png", 20), ("1.png", 10), (".3.png", 99), ("2_mask.png", 99)] {
        shelf.colour(name, (8, 6), level);
    }
    fs::write(shelf.path().join("notes.txt"), "not a picture").unwrap();
    let camera = CameraId::new("a").unwrap();
    let mut driver =
        file::open_at(shelf.path(), camera, Rate::THIRTY, Pace::AsFastAsPossible, Arc::new(Still)).unwrap();
    assert_eq!((driver.description().frames, driver.description().rate), (Some(3), Rate::THIRTY));
    let (frames, error) = play(&mut *driver);
    assert!(error.is_none());
    assert_eq!(frames.iter().map(|f| f.picture().pixels()[0]).collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!(frames[1].header().captured, NOW + Duration::from_secs_f64(1.0 / 30.0));
}

#[test]
fn another_size_in_mid_stream_is_an_error_that_names_the_file() {
    let shelf = Shelf::new();
    shelf.colour("1.png", (8, 6), 1);
    shelf.colour("2.png", (8, 8), 1);
    shelf.colour("3.png", (8, 6), 1);
    let (frames, error) = play(&mut *open(shelf.path()).unwrap());
    let error = error.unwrap();
    assert_eq!(frames.len(), 1);
    assert!(matches!(&error, Error::Size { expected: Size { height: 6, .. }, found: Size { height: 8, .. }, .. }));
    assert!(error.to_string().contains("2.png"), "{error}");
}

#[test]
fn depth_comes_with_its_colour_picture_and_the_calibration() {
    let shelf = Shelf::new();
    for (name, level, millimetres) in [("a", 10, 900), ("b", 20, 1800)] {
        shelf.colour(&format!("{name}.jpg"), (16, 8), level);
        shelf.depth(&format!("{name}_depth.png"), (16, 8), millimetres);
    }
    let xml = "<opencv_storage><intrinsic><data>525. 0. 8. 0. 525. 4. 0. 0. 1.</data></intrinsic></opencv_storage>";
    fs::write(shelf.path().join("camera.xml"), xml).unwrap();
    let mut driver = open(shelf.path()).unwrap();
    assert_eq!(driver.description().depth_unit, Some(0.001));
    assert_eq!(driver.description().calibration.unwrap().fx, 525.0);
    let (frames, error) = play(&mut *driver);
    assert!(error.is_none() && frames.len() == 2);
    assert_eq!(frames[1].depth().unwrap().values(), [1800; 128]);
}

#[test]
fn colour_without_its_depth_and_depth_without_its_colour_are_errors() {
    let shelf = Shelf::new();
    shelf.colour("1.png", (8, 6), 1);
    shelf.colour("2.png", (8, 6), 1);
    shelf.depth("1_depth.png", (8, 6), 1000);
    let without_depth = open(shelf.path()).err().unwrap();
    assert!(without_depth.to_string().contains("2_depth.png"), "{without_depth}");
    fs::remove_file(shelf.path().join("2.png")).unwrap();
    shelf.depth("7_depth.png", (8, 6), 1000);
    let without_colour = open(shelf.path()).err().unwrap();
    assert!(matches!(without_colour, Error::Unpaired { .. }) && without_colour.to_string().contains("7_depth.png"));
}

#[test]
fn depth_of_another_size_is_an_error_that_names_it() {
    let shelf = Shelf::new();
    shelf.colour("1.png", (8, 6), 1);
    shelf.depth("1_depth.png", (4, 3), 1000);
    let (frames, error) = play(&mut *open(shelf.path()).unwrap());
    assert!(frames.is_empty() && error.unwrap().to_string().contains("1_depth.png"));
}

#[test]
fn depth_of_8_bits_is_an_error() {
    let shelf = Shelf::new();
    shelf.colour("1.png", (8, 6), 1);
    shelf.put("1_depth.png", GrayImage::new(8, 6));
    let (_, error) = play(&mut *open(shelf.path()).unwrap());
    assert!(matches!(error, Some(Error::Picture { .. })));
}

#[test]
fn a_damaged_picture_in_mid_stream_is_an_error_and_the_end() {
    let shelf = Shelf::new();
    shelf.colour("1.jpg", (64, 48), 1);
    let damaged = shelf.colour("2.jpg", (64, 48), 1);
    shelf.colour("3.jpg", (64, 48), 1);
    let bytes = fs::read(&damaged).unwrap();
    fs::write(&damaged, &bytes[..bytes.len() - 20]).unwrap();
    let (frames, error) = play(&mut *open(shelf.path()).unwrap());
    assert_eq!(frames.len(), 1);
    assert!(matches!(error, Some(Error::Truncated { file, .. }) if file == damaged));
}

#[test]
fn a_folder_without_pictures_is_an_error() {
    assert!(matches!(open(Shelf::new().path()), Err(Error::Empty { .. })));
}

#[test]
fn one_picture_is_a_camera_that_takes_one_picture() {
    let shelf = Shelf::new();
    let (frames, error) = play(&mut *open(&shelf.colour("a.png", (8, 6), 7)).unwrap());
    assert!(error.is_none() && frames.len() == 1);
    assert_eq!((frames[0].header().captured, frames[0].picture().pixels()[0]), (NOW, 7));
}

#[test]
fn real_time_takes_as_long_as_the_recording() {
    let shelf = Shelf::new();
    for number in 0..4 {
        shelf.colour(&format!("{number}.png"), (8, 6), 1);
    }
    let camera = CameraId::new("a").unwrap();
    let mut driver = file::open(shelf.path(), camera, Pace::RealTime, Arc::new(Still)).unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(play(&mut *driver).0.len(), 4);
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn a_recording_that_is_repeated_goes_on_in_number_and_time() {
    let shelf = Shelf::new();
    for (name, level) in [("1.png", 10), ("2.png", 20)] {
        shelf.colour(name, (8, 6), level);
    }
    let camera = CameraId::new("a").unwrap();
    let pace = Pace::AsFastAsPossible;
    let mut driver = file::open_repeating(shelf.path(), camera, Rate::TEN, pace, Arc::new(Still)).unwrap();
    assert_eq!(driver.description().frames, None);
    let frames: Vec<_> = (0..5).map(|_| driver.next().unwrap().unwrap()).collect();
    let levels: Vec<u8> = frames.iter().map(|f| f.picture().pixels()[0]).collect();
    assert_eq!(levels, [10, 20, 10, 20, 10]);
    let first = frames[0].header().captured;
    for (number, frame) in (0..).zip(&frames) {
        assert_eq!(frame.header().number.0, number);
        assert_eq!(frame.header().captured.since(first).as_millis() as u64, 100 * number);
    }
}
