//! An auditor that finds the white pixels that lie in no mask, and calls the box around them a face.

use sluis_sdk::audit::{Fault, Finding, Verdict};
use sluis_sdk::{AnonymisationAudit, Camera, Frame, PixelFormat, Rect};

struct FindsWhite;

impl AnonymisationAudit for FindsWhite {
    fn new(_: Camera, _: &str) -> Result<Self, String> {
        Ok(Self)
    }

    fn inspect(&mut self, frame: &Frame<'_>, masks: &[Rect]) -> Verdict {
        let size = frame.size();
        let luma = frame.read_whole(PixelFormat::Luma8);
        let masked = |pixel: Rect| masks.iter().any(|mask| mask.intersect(pixel).is_some());
        let white = luma.iter().enumerate().filter(|(_, luma)| **luma == 255).filter_map(|(at, _)| {
            let pixel = Rect::new((at as u32 % size.width) as i32, (at as u32 / size.width) as i32, 1, 1);
            (!masked(pixel)).then_some(pixel)
        });
        let area = white.reduce(|a, b| {
            Rect::from_edges(
                i64::from(a.x.min(b.x)),
                i64::from(a.y.min(b.y)),
                (i64::from(a.x) + i64::from(a.width)).max(i64::from(b.x) + i64::from(b.width)),
                (i64::from(a.y) + i64::from(a.height)).max(i64::from(b.y) + i64::from(b.height)),
            )
        });
        let findings = area.map(|area| Finding { area, fault: Fault::Face, score: 80 }).into_iter().collect();
        Verdict { findings, worst_score: 10 }
    }
}

sluis_sdk::anonymisation_audit!(FindsWhite);
