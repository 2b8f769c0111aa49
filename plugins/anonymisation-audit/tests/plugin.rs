//! The audit as the host meets it: made with settings, asked frame by frame. Natively there is no model to grant, so SeetaFace answers.

use anonymisation_audit::Audit;
use sluis_detect::rehearsal;
use sluis_sdk::audit::Fault;
use sluis_sdk::{AnonymisationAudit, Camera, Person, Rect, Size, Still};

fn camera(size: Size) -> Camera {
    Camera { size, millihertz: 15_000, depth: false, mount: None, lens: None }
}

#[test]
fn a_bare_face_is_found_and_under_a_mask_it_is_not() {
    let Some(footage) = rehearsal::footage() else { return };
    let stills = rehearsal::wider_interview(&footage);
    // One large face in the picture.
    let portrait = stills.iter().find(|s| s.faces.len() == 1 && s.faces[0].height() > 150.0).unwrap();
    let still = rehearsal::still(&portrait.file);
    let size = still.frame().size();
    let mut audit = Audit::new(camera(size), "{}").unwrap();
    let bare = audit.inspect(&still.frame(), &[]);
    assert!(bare.findings.iter().any(|f| f.fault == Fault::Face), "{bare:?}");
    // A detector that sees through the mask's place must not be believed.
    let mask = portrait.faces[0].pixels(size).unwrap();
    let masked = audit.inspect(&still.frame(), &[mask]);
    assert_eq!(masked.findings, []);
}

#[test]
fn a_moving_body_with_a_bare_head_is_found() {
    let size = Size::new(640, 480);
    let head = Rect::new(300, 100, 40, 48);
    let person = Person { body: Rect::new(280, 100, 80, 300), head };
    let still = Still::new(size, vec![90; size.pixels() * 3]).with_people(vec![person]);
    let mut audit = Audit::new(camera(size), "{}").unwrap();
    let verdict = audit.inspect(&still.frame(), &[]);
    assert_eq!(verdict.findings.iter().map(|f| (f.area, f.fault)).collect::<Vec<_>>(), [(head, Fault::BareBody)]);
    assert!(verdict.worst_score > 0);
    assert_eq!(audit.inspect(&still.at_ms(66).frame(), &[head]).findings, []);
}

#[test]
fn a_mask_that_vanishes_is_found_until_it_is_back() {
    let size = Size::new(640, 480);
    let picture = || Still::new(size, vec![90; size.pixels() * 3]);
    let mask = Rect::new(300, 200, 48, 48);
    let mut audit = Audit::new(camera(size), "{}").unwrap();
    for frame in 0..25 {
        assert_eq!(audit.inspect(&picture().at_ms(frame * 66).frame(), &[mask]).findings, []);
    }
    let verdict = audit.inspect(&picture().at_ms(1650).frame(), &[]);
    assert_eq!(verdict.findings.iter().map(|f| (f.area, f.fault)).collect::<Vec<_>>(), [(mask, Fault::VanishedMask)]);
    // The same frame, masked more strictly.
    assert_eq!(audit.inspect(&picture().at_ms(1650).frame(), &[mask]).findings, []);
}

#[test]
fn pictures_without_anything_and_of_any_size_pass() {
    for (width, height) in [(1, 1), (31, 700), (640, 480), (7680, 16)] {
        let size = Size::new(width, height);
        let mut audit = Audit::new(camera(size), "{}").unwrap();
        for (at, luma) in [(0, 0), (66, 255)] {
            let verdict =
                audit.inspect(&Still::new(size, vec![luma; size.pixels() * 3]).at_ms(at).frame(), &[size.rect()]);
            assert_eq!((verdict.findings.len(), verdict.worst_score), (0, 0));
        }
    }
}

#[test]
fn wrong_settings_stop_the_camera_with_a_sentence() {
    let error = Audit::new(camera(Size::new(640, 480)), r#"{"network-long-side": 10}"#).unwrap_err();
    assert!(error.contains("network-long-side") && error.contains("64"), "{error}");
}
