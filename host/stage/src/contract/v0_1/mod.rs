//! Contract 0.1: what it offers to components, and its words in ours.

pub(crate) mod audience;
pub(crate) mod audit;
pub(crate) mod filter;
mod frames;
pub(crate) mod gestures;

use sluis_frame::Rect;
use wasmtime::component::{HasSelf, Linker};

use crate::live::Hosted;
use crate::plugin::CameraFacts;

pub(crate) use audience::AudienceMeter as Audience;
pub(crate) use audit::AnonymisationAudit as Audit;
pub(crate) use filter::PrivacyFilter as Filter;
pub(crate) use gestures::GestureDetector as Gestures;

/// All that a component may import. The four worlds below use these types and generate only their exports.
pub(crate) mod offered {
    #![allow(
        missing_docs,
        unreachable_pub,
        missing_debug_implementations,
        reason = "generated from the contract, which is documented"
    )]
    wasmtime::component::bindgen!({
        inline: "
            package sluis:host;
            world offered {
                import sluis:stage/frames@0.1.0;
                import wasi:nn/tensor@0.2.0-rc-2024-10-28;
                import wasi:nn/graph@0.2.0-rc-2024-10-28;
                import wasi:nn/inference@0.2.0-rc-2024-10-28;
                import wasi:nn/errors@0.2.0-rc-2024-10-28;
            }
        ",
        path: "../../wit",
        imports: { default: trappable },
        with: {
            "sluis:stage/frames.frame": crate::picture::Lent,
            "wasi:nn/tensor.tensor": crate::nn::Tensor,
            "wasi:nn/graph.graph": crate::nn::Graph,
            "wasi:nn/inference.graph-execution-context": crate::nn::Graph,
            "wasi:nn/errors.error": crate::nn::Failure,
        },
    });
}

use offered::sluis::stage::types;
use offered::wasi::nn;

/// Offers everything of contract 0.1.
pub(crate) fn offer(linker: &mut Linker<Hosted>) -> wasmtime::Result<()> {
    frames::offer(linker)?;
    nn::tensor::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    nn::graph::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    nn::inference::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)?;
    nn::errors::add_to_linker::<_, HasSelf<Hosted>>(linker, |hosted| hosted)
}

fn camera(facts: &CameraFacts) -> types::Camera {
    types::Camera {
        size: types::Size { width: facts.size.width, height: facts.size.height },
        millihertz: (facts.rate * 1000.0).round() as u32,
        depth: facts.depth,
    }
}

// === impl types ===

impl From<types::Rect> for Rect {
    fn from(rect: types::Rect) -> Self {
        Self::new(rect.x, rect.y, rect.width, rect.height)
    }
}

impl From<Rect> for types::Rect {
    fn from(rect: Rect) -> Self {
        Self { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
    }
}
