//! The twin of `finds-white`, built against the kept contract 0.1.0, as a partner built it when there was no other.

mod contract {
    wit_bindgen::generate!({ world: "anonymisation-audit", path: "../../../wit/0.1.0", generate_all });
}

use contract::exports::sluis::stage::audit::{Chamber, Fault, Finding, Guest, GuestChamber, Verdict};
use contract::sluis::stage::frames::{Frame, PixelFormat};
use contract::sluis::stage::types::{Camera, Rect};

struct FindsWhite;

impl Guest for FindsWhite {
    type Chamber = Self;
}

impl GuestChamber for FindsWhite {
    fn create(_: Camera, _: String) -> Result<Chamber, String> {
        Ok(Chamber::new(Self))
    }

    fn inspect(&self, frame: &Frame, masks: Vec<Rect>) -> Verdict {
        let size = frame.size();
        let whole = Rect { x: 0, y: 0, width: size.width, height: size.height };
        let luma = frame.read(whole, size, PixelFormat::Luma8);
        let place = |at: usize| ((at as u32 % size.width) as i32, (at as u32 / size.width) as i32);
        let masked = |(x, y): (i32, i32)| masks.iter().any(|mask| holds(mask, x, y));
        let white = luma.iter().enumerate().filter(|(_, luma)| **luma == 255).map(|(at, _)| place(at));
        let edges = white.filter(|pixel| !masked(*pixel)).fold(None, |edges, (x, y)| {
            let (left, top, right, bottom) = edges.unwrap_or((x, y, x, y));
            Some((x.min(left), y.min(top), x.max(right), y.max(bottom)))
        });
        let found = edges.map(|(left, top, right, bottom)| Finding {
            area: Rect { x: left, y: top, width: (right - left + 1) as u32, height: (bottom - top + 1) as u32 },
            fault: Fault::Face,
            score: 80,
        });
        Verdict { findings: found.into_iter().collect(), worst_score: 10 }
    }
}

fn holds(mask: &Rect, x: i32, y: i32) -> bool {
    (mask.x..mask.x + mask.width as i32).contains(&x) && (mask.y..mask.y + mask.height as i32).contains(&y)
}

contract::export!(FindsWhite with_types_in contract);
