//! A segment as an MCAP stream: [`Writer`], and [`Parser`] with [`Assembler`] for the way back, which [`Source`] drives.
//!
//! The layout is narrow on purpose, and the parser refuses whatever lies beside it: the header as metadata records, then chunks (zstd, one a second, each
//! beginning with a key picture) with the [channels](crate::track), then MCAP's own summary. No attachments, no private records, nothing else.

mod assembler;
mod parser;
mod source;
mod writer;

pub(crate) use assembler::{Assembler, Part, Shot};
pub(crate) use parser::{Entry, Message, Parser};
pub(crate) use source::{Ending, Source};
pub(crate) use writer::Writer;
