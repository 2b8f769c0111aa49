//! What the floor sees, on a made-up place where everything is known.

use sluis_frame::{Cause, Coverage, Frame, FrameNumber, Mask, Picture, Raw, Rect, Rgb, Size};
use sluis_guard::{Floor, Sight};

#[allow(unreachable_pub, dead_code, reason = "shared by several crates of tests, each of which uses a part")]
mod scene;
use scene::{Figure, SIZE, at_10_fps, raw};

fn share_of(areas: impl Iterator<Item = Rect>, wanted: Rect) -> f32 {
    let masks: Vec<Mask> = areas.map(|area| Mask::rect(area, Cause::Floor)).collect();
    Coverage::of(&masks, SIZE).share_of(wanted)
}

fn heads_cover(sight: &Sight, head: Rect) -> bool {
    share_of(sight.people.iter().map(|p| p.head), head) >= 0.95
}

/// A floor that has seen the empty place for `frames` frames.
fn grown_up(frames: u64) -> Floor {
    let mut floor = Floor::new(SIZE);
    for number in 0..frames {
        floor.observe(&at_10_fps(number, &[], 1.0));
    }
    floor
}

/// A minute is long at 10 frames a second.
fn at_1_fps(number: u64, figures: &[Figure]) -> Frame<Raw> {
    raw(number, std::time::Duration::from_secs(number), scene::picture(figures, 1.0))
}

fn walking(number: u64) -> Figure {
    Figure { x: 30 + number as i32 * 6, y: 60 }
}

#[test]
fn movement_counts_from_the_second_frame() {
    let mut floor = Floor::new(SIZE);
    assert_eq!(floor.observe(&at_10_fps(0, &[walking(0)], 1.0)), Sight::default());
    let sight = floor.observe(&at_10_fps(1, &[walking(1)], 1.0));
    assert!(!sight.people.is_empty() && !sight.moving.is_empty());
}

#[test]
fn the_head_of_someone_who_walks_is_in_a_head_zone() {
    let mut floor = grown_up(30);
    for number in 30..70 {
        let figure = walking(number - 30);
        let sight = floor.observe(&at_10_fps(number, &[figure], 1.0));
        assert!(heads_cover(&sight, figure.head()), "frame {number}: {:?}", sight.people);
        assert!(share_of(sight.people.iter().map(|p| p.body), figure.body()) > 0.9);
    }
}

#[test]
fn someone_who_stands_still_for_four_minutes_is_still_seen() {
    let mut floor = grown_up(30);
    let figure = Figure { x: 160, y: 60 };
    let mut last = Sight::default();
    for number in 30..30 + 240 {
        last = floor.observe(&at_1_fps(number, &[figure]));
    }
    assert!(heads_cover(&last, figure.head()), "absorbed: {:?}", last.people);
}

#[test]
fn a_thing_that_stays_becomes_part_of_the_place_after_minutes() {
    let mut floor = grown_up(30);
    let thing = Figure { x: 160, y: 60 };
    let last = (30..30 + 480).map(|n| floor.observe(&at_1_fps(n, &[thing]))).last();
    assert_eq!(last.map(|sight| sight.people), Some(vec![]));
}

#[test]
fn two_who_stand_shoulder_to_shoulder_have_two_heads() {
    let mut floor = grown_up(30);
    let pair = [Figure { x: 130, y: 60 }, Figure { x: 168, y: 75 }];
    let sight = floor.observe(&at_10_fps(30, &pair, 1.0));
    for figure in pair {
        assert!(heads_cover(&sight, figure.head()), "{:?}", sight.people);
    }
    assert!(sight.people.len() >= 2);
}

#[test]
fn automatic_exposure_is_nobody() {
    let mut floor = grown_up(30);
    for number in 30..60 {
        let light = 1.0 + (number - 30) as f32 * 0.012;
        let sight = floor.observe(&at_10_fps(number, &[], light));
        assert_eq!((sight.people.len(), sight.upheaval), (0, false), "frame {number}, light {light}");
    }
}

#[test]
fn a_head_is_seen_while_the_exposure_changes() {
    let mut floor = grown_up(30);
    for number in 30..50 {
        let figure = walking(number - 30);
        let sight = floor.observe(&at_10_fps(number, &[figure], 1.0 - (number - 30) as f32 * 0.012));
        assert!(heads_cover(&sight, figure.head()), "frame {number}: {:?}", sight.people);
    }
}

#[test]
fn a_camera_that_is_turned_is_an_upheaval_once() {
    let mut floor = grown_up(30);
    let elsewhere = |number: u64| {
        let pixels =
            (0..SIZE.pixels()).flat_map(|i| [(i * 7 % 251) as u8 / 2, (i / 320) as u8, 200]).collect::<Vec<u8>>();
        let at = std::time::Duration::from_millis(100) * number as u32;
        raw(number, at, Picture::new(SIZE, pixels).unwrap())
    };
    assert!(floor.observe(&elsewhere(30)).upheaval);
    assert!(!floor.observe(&elsewhere(31)).upheaval);
}

/// The place as a camera sees it that points `dx` pixels farther to the right.
fn beside(number: u64, dx: usize, figures: &[Figure]) -> Frame<Raw> {
    let seen = scene::picture(figures, 1.0);
    let width = SIZE.width as usize;
    let rows = seen.pixels().chunks_exact(width * 3);
    let moved: Vec<u8> = rows.flat_map(|row| [&row[dx * 3..], &row[..dx * 3]].concat()).collect();
    raw(
        number,
        std::time::Duration::from_millis(100) * number as u32,
        Picture::new(SIZE, moved).expect("as many pixels as before"),
    )
}

#[test]
fn a_camera_that_moves_is_told_from_people_who_do_and_comes_to_rest() {
    let mut floor = grown_up(30);
    let crowd =
        |number: u64| (0..4).map(|i| Figure { x: 30 + i * 70 + number as i32 % 30 * 3, y: 60 }).collect::<Vec<_>>();
    for number in 30..50 {
        assert!(!floor.observe(&at_10_fps(number, &crowd(number), 1.0)).camera_moves, "frame {number}");
    }
    let moves: Vec<bool> =
        (0..10).map(|i| floor.observe(&beside(50 + i, 3 * i as usize, &crowd(50))).camera_moves).collect();
    assert!(moves[3..].iter().all(|moves| *moves), "{moves:?}");
    let rests: Vec<bool> = (60..80).map(|n| floor.observe(&beside(n, 27, &crowd(50))).camera_moves).collect();
    assert!(!rests[15..].contains(&true), "{rests:?}");
}

#[test]
fn another_size_is_an_upheaval_and_the_floor_goes_on() {
    let mut floor = grown_up(5);
    let small = |number| {
        raw(
            number,
            std::time::Duration::from_secs(1 + number),
            Picture::plain(Size::new(64, 48), Rgb(9, 9, 9)).unwrap(),
        )
    };
    assert!(floor.observe(&small(5)).upheaval);
    assert!(!floor.observe(&small(6)).upheaval);
}

#[test]
fn pictures_of_one_pixel_and_of_8k_all_black_or_white_are_nobody() {
    for size in [Size::new(1, 1), Size::new(7680, 4320)] {
        let mut floor = Floor::new(size);
        for (number, colour) in
            [Rgb(0, 0, 0), Rgb(0, 0, 0), Rgb(255, 255, 255), Rgb(255, 255, 255)].into_iter().enumerate()
        {
            let at = std::time::Duration::from_millis(100) * number as u32;
            let frame: Frame<Raw> = raw(number as u64, at, Picture::plain(size, colour).unwrap());
            let sight = floor.observe(&frame);
            assert_eq!(frame.header().number, FrameNumber(number as u64));
            assert_eq!(sight.upheaval, number == 2, "{size}, frame {number}");
        }
    }
}

#[test]
fn blocks_that_move_do_not_overlap_and_hold_all_that_moves() {
    let mut floor = grown_up(30);
    let figures = [Figure { x: 60, y: 40 }, Figure { x: 250, y: 90 }];
    let sight = floor.observe(&at_10_fps(30, &figures, 1.0));
    for (i, a) in sight.moving.iter().enumerate() {
        assert!(sight.moving[..i].iter().all(|b| a.intersect(*b).is_none()), "{:?}", sight.moving);
    }
    for figure in figures {
        assert!(share_of(sight.moving.iter().copied(), figure.head()) == 1.0);
        assert!(share_of(sight.moving.iter().copied(), figure.body()) > 0.9);
    }
}
