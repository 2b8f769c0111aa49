use sluis_frame::{Cleared, Frame, Raw};

fn record(_: &Frame<Cleared>) {}

fn leak(raw: &Frame<Raw>) {
    record(raw);
}

fn main() {}
