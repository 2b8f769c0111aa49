//! The filter as the host meets it: made with settings, asked frame by frame. Natively there is no model to grant, so SeetaFace answers.

use face_blur::FaceBlur;
use sluis_detect::rehearsal;
use sluis_sdk::{Camera, MOST_ANSWERS, Person, PrivacyFilter, Rect, Size, Still};

fn camera(size: Size) -> Camera {
    Camera { size, millihertz: 15_000, depth: false, mount: None, lens: None }
}

#[test]
fn without_a_granted_model_faces_are_found_all_the_same() {
    let Some(footage) = rehearsal::footage() else { return };
    let stills = rehearsal::wider_interview(&footage);
    // One large face in the picture.
    let portrait = stills.iter().find(|s| s.faces.len() == 1 && s.faces[0].height() > 150.0).unwrap();
    let still = rehearsal::still(&portrait.file);
    let mut filter = FaceBlur::new(camera(still.frame().size()), "{}").unwrap();
    let regions = filter.find(&still.frame());
    let areas: Vec<_> = regions.iter().map(|r| r.area.into()).collect();
    assert!(portrait.faces[0].covered_by(&areas) > 0.9, "{regions:?} of {:?}", portrait.faces);
}

#[test]
fn pictures_without_anything_and_of_any_size_are_answered() {
    for (width, height) in [(1, 1), (31, 700), (640, 480), (7680, 16)] {
        let size = Size::new(width, height);
        let mut filter = FaceBlur::new(camera(size), "{}").unwrap();
        for luma in [0, 255] {
            let person = Person { body: Rect::new(-5, -5, 20, 40), head: Rect::new(-5, -5, 10, 10) };
            let still = Still::new(size, vec![luma; size.pixels() * 3]).with_people(vec![person; MOST_ANSWERS]);
            assert_eq!(filter.find(&still.frame()), []);
        }
    }
}

#[test]
fn wrong_settings_stop_the_camera_with_a_sentence() {
    let error = FaceBlur::new(camera(Size::new(640, 480)), r#"{"long-side": 3}"#).unwrap_err();
    assert!(error.contains("long-side") && error.contains("network-long-side"), "{error}");
}
