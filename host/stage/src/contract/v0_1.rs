//! Contract 0.1.

use super::thousandths;
use crate::plugin::CameraFacts;

mod generated {
    #![allow(
        missing_docs,
        unreachable_pub,
        missing_debug_implementations,
        unused_qualifications,
        dead_code,
        reason = "generated from the contract, which is documented; of it, only what is called or told is used"
    )]
    wasmtime::component::bindgen!({
        inline: "
            package sluis:host;
            world contract {
                import sluis:stage/frames@0.1.0;
                export sluis:stage/filter@0.1.0;
                export sluis:stage/audit@0.1.0;
                export sluis:stage/gestures@0.1.0;
                export sluis:stage/audience@0.1.0;
            }
        ",
        path: "../../wit/0.1.0",
        with: { "sluis:stage/frames.frame": crate::picture::Lent },
    });
}

use generated::exports::sluis::stage::{audience, audit, filter, gestures};
pub(super) use generated::sluis::stage::{frames, types};

rectangles!();
filter!();
audit!();
gestures!();
audience!();
link!();

fn camera(facts: &CameraFacts) -> types::Camera {
    types::Camera {
        size: types::Size { width: facts.size.width, height: facts.size.height },
        millihertz: thousandths(facts.rate) as u32,
        depth: facts.depth,
    }
}
