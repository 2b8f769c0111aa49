//! The floor alone on a person who turns around before a depth camera: no filter, no network.

use image::GrayImage;
use sluis_frame::{Coverage, Depth, Picture, Rect, Size};
use sluis_guard::{Floor, Found, Guard, GuardSettings, Mode};

#[allow(unreachable_pub, dead_code, reason = "shared with the example, each uses a part")]
mod footage;

/// The head in a frame: the box around the top third of the silhouette that comes with the footage. The person is seen from the waist up, and the
/// third ends at the collar.
fn head(silhouette: &GrayImage) -> Rect {
    let rows = || silhouette.enumerate_rows().filter(|(_, row)| row.clone().any(|(_, _, p)| p[0] > 127));
    let top = rows().map(|(y, _)| y).min().expect("every silhouette shows somebody");
    let bottom = rows().map(|(y, _)| y).max().expect("as above") + 1;
    let collar = top + (bottom - top) / 3;
    let columns = || {
        let (width, height) = silhouette.dimensions();
        (0..width).filter(move |x| (top..collar.min(height)).any(|y| silhouette.get_pixel(*x, y)[0] > 127))
    };
    let (left, right) = (columns().min().expect("as above"), columns().max().expect("as above") + 1);
    Rect::new(left as i32, top as i32, right - left, collar - top)
}

/// What the floor reaches today, of 100. The rest is the filter's work.
const LEAST: usize = 70;

#[test]
fn the_floor_alone_masks_the_head_of_a_person_who_turns() {
    let Some(folder) = footage::folder().map(|f| f.join("rgbd/turning-person")).filter(|f| f.is_dir()) else {
        println!("skipped: no footage here; set SLUIS_FOOTAGE to its folder");
        return;
    };
    let size = Size::new(640, 480);
    let mut floor = Floor::new(size);
    let mut guard = Guard::new(GuardSettings::new(Mode::Heads, size)).unwrap();
    let mut heads = Vec::new();
    let mut leaving = Vec::new();
    for number in 0..100u64 {
        let colour = image::open(folder.join(format!("{number:010}.jpg"))).unwrap().into_rgb8();
        let depth = image::open(folder.join(format!("{number:010}_depth.png"))).unwrap().into_luma16();
        let picture = Picture::new(size, colour.into_raw()).unwrap();
        let depth = Depth::new(size, 0.001, depth.into_raw()).unwrap();
        let raw = footage::frame(number, number as f64 / 30.0, picture, Some(depth));
        heads.push(head(&image::open(folder.join(format!("{number:010}_mask.jpg"))).unwrap().into_luma8()));
        let sight = floor.observe(&raw);
        guard.enter(raw, sight, Found::Detections(Vec::new()));
        leaving.extend(std::iter::from_fn(|| guard.leave()).map(|l| l.masks(Mode::Heads)));
    }
    leaving.extend(std::iter::from_fn(|| guard.flush()).map(|l| l.masks(Mode::Heads)));
    assert_eq!(leaving.len(), 100);
    let shares: Vec<f32> =
        leaving.iter().zip(&heads).map(|(masks, head)| Coverage::of(masks, size).share_of(*head)).collect();
    let masked = shares.iter().filter(|share| **share >= 0.9).count();
    let picture: usize = leaving.iter().map(|masks| Coverage::of(masks, size).count()).sum();
    let masked_share = picture as f32 / (size.pixels() * 100) as f32;
    println!(
        "turning-person: the floor alone masks the head in {masked} of 100 frames, {:.1} % of the picture",
        masked_share * 100.0
    );
    assert!(masked >= LEAST, "{shares:.2?}");
}
