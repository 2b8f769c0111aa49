//! The auditor by itself, natively, on frames made by hand. `sluis plugin test` runs it as the shop does.

use sluis_sdk::audit::Fault;
use sluis_sdk::mock::{self, Still};
use sluis_sdk::{AnonymisationAudit, Person, Rect, Size};
use template_anonymisation_audit::Audit;

const SIZE: Size = Size::new(640, 480);
const HEAD: Rect = Rect::new(200, 100, 40, 40);

fn audit(settings: &str) -> Audit {
    Audit::new(mock::camera(SIZE), settings).unwrap()
}

/// Somebody, with this masked, in colour too.
fn masked(mask: Rect) -> Still {
    let person = Person { body: Rect::new(190, 100, 60, 200), head: HEAD };
    Still::plain(SIZE, [90, 90, 90]).with_area(mask, [0, 0, 0]).with_masks(vec![mask]).with_people(vec![person])
}

#[test]
fn a_head_that_is_covered_passes() {
    let verdict = mock::inspect(&mut audit("{}"), &masked(Rect::new(190, 90, 60, 60)));
    assert_eq!((verdict.findings.len(), verdict.worst_score), (0, 0));
}

#[test]
fn a_head_that_is_bare_is_a_finding() {
    let verdict = mock::inspect(&mut audit("{}"), &masked(Rect::new(0, 0, 10, 10)));
    assert_eq!(
        (verdict.findings[0].area, verdict.findings[0].fault, verdict.worst_score),
        (HEAD, Fault::BareBody, 100)
    );
}

#[test]
fn a_head_that_is_half_covered_passes_or_not_by_the_settings() {
    let half = masked(Rect::new(200, 100, 40, 20));
    assert_eq!(mock::inspect(&mut audit("{}"), &half).findings.len(), 0);
    assert_eq!(mock::inspect(&mut audit(r#"{"most-bare": 10}"#), &half).findings.len(), 1);
}
