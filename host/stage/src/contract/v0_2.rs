//! Contract 0.2: as 0.1, and a component is told how its camera hangs and sees.

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
    let mount = facts.mount_in_thousandths();
    let lens = facts.lens_in_thousandths();
    types::Camera {
        size: types::Size { width: facts.size.width, height: facts.size.height },
        millihertz: facts.millihertz(),
        depth: facts.depth,
        mount: mount.map(|(height_mm, [tilt_millidegrees, roll_millidegrees])| types::Mount {
            height_mm,
            tilt_millidegrees,
            roll_millidegrees,
        }),
        lens: lens.map(|([fx, fy], [cx, cy])| types::Lens { fx, fy, cx, cy }),
    }
}
