use sluis_frame::{Cleared, Frame, Redacted, Verdict};

fn believe(frame: Frame<Redacted>, verdict: Verdict) -> Option<Frame<Cleared>> {
    verdict.passed().then_some(frame)
}

fn main() {}
