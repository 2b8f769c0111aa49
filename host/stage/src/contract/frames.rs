//! The resource `frame`, linked by hand.
//!
//! The bindings that are generated for `read` would return a `Vec<u8>`, and so copy the picture twice: 2.35 times the
//! time of `memcpy` at 640x480. A shared slice is copied once.
//!
//! 0.2 has it as 0.1 has it. The component model tells types by their shape, so the words that were generated from 0.1 serve both.

use std::sync::Arc;

use sluis_frame::Size;
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};

use super::v0_1::frames::{Person, PixelFormat};
use super::v0_1::types;
use crate::live::Hosted;
use crate::picture::{Format, Lent};

type Caller<'a> = StoreContextMut<'a, Hosted>;
type Frame = Resource<Lent>;

/// Offers it as `release` of the contract, and the types beside it.
pub(super) fn offer(linker: &mut Linker<Hosted>, release: &str) -> wasmtime::Result<()> {
    // Only types, but a component may name the interface.
    linker.instance(&format!("sluis:stage/types@{release}"))?;
    let mut frames = linker.instance(&format!("sluis:stage/frames@{release}"))?;
    // The host deletes what it lends; a component only ever holds borrows, which have no destructor.
    frames.resource("frame", ResourceType::host::<Lent>(), |_, _| Ok(()))?;

    frames.func_wrap("[method]frame.size", |caller: Caller<'_>, (frame,): (Frame,)| {
        let Size { width, height } = caller.data().table.get(&frame)?.size();
        Ok((types::Size { width, height },))
    })?;

    frames.func_wrap("[method]frame.elapsed-ms", |caller: Caller<'_>, (frame,): (Frame,)| {
        Ok((caller.data().table.get(&frame)?.elapsed_ms(),))
    })?;

    frames.func_wrap(
        "[method]frame.read",
        |mut caller: Caller<'_>, (frame, region, to, format): (Frame, types::Rect, types::Size, PixelFormat)| {
            let Hosted { table, resizer, .. } = caller.data_mut();
            let to = Size::new(to.width, to.height);
            let pixels: Arc<[u8]> = table.get(&frame)?.read(region.into(), to, format.into(), resizer)?;
            Ok((pixels,))
        },
    )?;

    frames.func_wrap("[method]frame.read-depth", |caller: Caller<'_>, (frame, region): (Frame, types::Rect)| {
        Ok((caller.data().table.get(&frame)?.read_depth(region.into())?,))
    })?;

    frames.func_wrap("[method]frame.people", |caller: Caller<'_>, (frame,): (Frame,)| {
        let people = caller.data().table.get(&frame)?.people();
        let told: Vec<Person> =
            people.iter().map(|person| Person { body: person.body.into(), head: person.head.into() }).collect();
        Ok((told,))
    })?;

    frames.func_wrap("[method]frame.masks", |caller: Caller<'_>, (frame,): (Frame,)| {
        let masks = caller.data().table.get(&frame)?.masks();
        Ok((masks.iter().map(|mask| types::Rect::from(*mask)).collect::<Vec<_>>(),))
    })
}

// === impl Format ===

impl From<PixelFormat> for Format {
    fn from(format: PixelFormat) -> Self {
        match format {
            PixelFormat::Rgb8 => Self::Rgb8,
            PixelFormat::Bgr8 => Self::Bgr8,
            PixelFormat::Luma8 => Self::Luma8,
        }
    }
}
