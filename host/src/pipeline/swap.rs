//! Another component for a pipeline that runs: put in its place between two frames, so that none is lost.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use sluis_segment::PluginFact;

use super::shadow::{Chamber, Shadow};

/// What a pipeline that runs is handed.
#[derive(Debug)]
pub enum Order {
    /// This chamber takes the place of the one of its world.
    PutIn(Box<Change>),
    /// This one is tried beside the one of its world; one that was tried before is not any more.
    Try(Box<Shadow>),
    /// No component is tried any more.
    EndTrial,
}

/// A chamber that takes the place of another.
#[derive(Debug)]
pub struct Change {
    /// The chamber.
    pub chamber: Chamber,
    /// What it is, for the segments from here on.
    pub fact: PluginFact,
    /// Whether the auditor's detector is of another family than the filter's from here on.
    pub independent: bool,
    /// Goes with it: whoever has the other end hears when it is at work.
    pub obeyed: Option<Sender<()>>,
}

/// Orders that one thread of a pipeline has not looked at yet.
#[derive(Debug, Default)]
pub(super) struct Orders(Mutex<Vec<Order>>);

impl Order {
    /// Whether the front of the pipeline is to obey it, and not the back. The end of a trial is for both.
    pub(super) const fn is_for_the_front(&self) -> bool {
        match self {
            Self::PutIn(change) => change.chamber.is_at_the_front(),
            Self::Try(shadow) => shadow.is_at_the_front(),
            Self::EndTrial => true,
        }
    }
}

impl Orders {
    pub(super) fn give(&self, order: Order) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }

    pub(super) fn take(&self) -> Vec<Order> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
