//! Contract 0.2: as 0.1, and a component is told how its camera hangs and sees.

use sluis_frame::Calibration;

use super::thousandths;
use crate::plugin::{CameraFacts, Mount};

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
                import sluis:stage/frames@0.2.0;
                export sluis:stage/filter@0.2.0;
                export sluis:stage/audit@0.2.0;
                export sluis:stage/gestures@0.2.0;
                export sluis:stage/audience@0.2.0;
            }
        ",
        path: "../../wit/0.2.0",
        with: { "sluis:stage/frames.frame": crate::picture::Lent },
    });
}

use generated::exports::sluis::stage::{audience, audit, filter, gestures};
use generated::sluis::stage::types;

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
        mount: facts.mount.map(mount),
        lens: facts.lens.map(lens),
    }
}

fn mount(mount: Mount) -> types::Mount {
    types::Mount {
        height_mm: thousandths(mount.height).max(1.0) as u32,
        tilt_millidegrees: thousandths(mount.tilt) as i32,
        roll_millidegrees: thousandths(mount.roll) as i32,
    }
}

fn lens(lens: Calibration) -> types::Lens {
    types::Lens {
        fx: thousandths(lens.fx).max(1.0) as u32,
        fy: thousandths(lens.fy).max(1.0) as u32,
        cx: thousandths(lens.cx) as i32,
        cy: thousandths(lens.cy) as i32,
    }
}
