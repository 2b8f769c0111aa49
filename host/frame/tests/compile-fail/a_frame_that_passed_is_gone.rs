use sluis_frame::door::Attempt;
use sluis_frame::{AuditDoor, Frame, Redacted, Verdict};

/// One audit, two recordings.
fn twice(door: &AuditDoor, frame: Frame<Redacted>, verdict: Verdict) {
    let _ = door.pass(frame, verdict.clone(), Attempt::First);
    let _ = door.pass(frame, verdict, Attempt::First);
}

fn main() {}
