//! Makes a whole segment of one that broke off.

use std::io::{Read, Write};

use ring::rand::SecureRandom;

use crate::container::{Ending, Source, Writer};
use crate::error::Error;
use crate::gate::{Gate, Gated};
use crate::id::Binding;
use crate::key::SegmentKey;
use crate::plain::{self, Form};
use crate::seal::{Salvage, Salvaged, Sealer};
use crate::summary::Summary;

/// A segment that was recovered.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// What is in it now.
    pub summary: Summary,
    /// What was left of the sealed stream.
    pub salvaged: Salvaged,
}

/// Seals into `into`, under `new_key`, all complete frames of the broken sealed stream `from`. They pass the gate again.
///
/// `None` when not one frame is left; what `into` got is then of no use. The new stream has the binding of the old one, so it replaces it, and the old key and
/// bytes are to be destroyed.
///
/// # Errors
///
/// [`Error::Gate`] when what is left must not be kept; [`Error::NotASegment`] when it is another segment than `binding` says; [`Error::Io`] when reading or writing fails.
pub fn recover<R: Read, W: Write>(
    from: R,
    old_key: &SegmentKey,
    binding: &Binding,
    into: W,
    new_key: &SegmentKey,
    random: &dyn SecureRandom,
) -> Result<Option<Recovered>, Error> {
    let bound = binding.associated_data();
    let mut salvage = match Salvage::new(from, old_key, &bound) {
        Err(Error::NotSealed) => return Ok(None),
        other => other?,
    };
    let Some(mut source) = Source::new(&mut salvage, Ending::Cut)? else { return Ok(None) };
    let header = source.header().clone();
    if header.binding() != *binding {
        return Err(Error::NotASegment(format!(
            "it says that it is segment {}, not {}",
            header.segment, binding.segment
        )));
    }
    let sealer = Sealer::new(into, new_key, &bound, random)?;
    let mut writer = Writer::new(Gated::new(Gate::new(header.clone())?, sealer), header)?;
    let contents = plain::copy(&mut source, &mut writer, Form::Recorded)?;
    if contents.frames.total() == 0 {
        drop(writer.abort());
        return Ok(None);
    }
    let (gate, sealer) = writer.finish()?.finish()?;
    let (_, sealed_bytes) = sealer.finish()?;
    let summary = Summary {
        sealed_bytes,
        frames: contents.frames,
        masks: contents.masks,
        events: contents.events,
        first_captured: contents.header.started,
        last_captured: contents.last_captured,
        audit: Some(contents.audit),
        gate,
        plugins: contents.header.plugins,
    };
    drop(source);
    Ok(Some(Recovered { summary, salvaged: salvage.salvaged() }))
}
