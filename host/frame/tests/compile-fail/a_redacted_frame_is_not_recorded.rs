use sluis_frame::{Cleared, Frame, Redacted};

fn record(_: &Frame<Cleared>) {}

fn hurry(redacted: &Frame<Redacted>) {
    record(redacted);
}

fn main() {}
