use sluis_frame::door::Attempt;
use sluis_frame::{BlankDoor, Frame, Redacted, Verdict};

fn swap(door: &BlankDoor, frame: Frame<Redacted>, verdict: Verdict) {
    let _ = door.pass(frame, verdict, Attempt::First);
}

fn main() {}
