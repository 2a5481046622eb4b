//! What a noun is: its commands, its events, its state.
//!
//! A [`Noun`] is told once. Its state says all of what a thing is, so that decisions, snapshots, read models, the past and
//! the audit trail fold the same events with the same [`Noun::evolve`]. The event store knows nouns by this trait alone;
//! [`Stream`] is the one bridge to cqrs-es.

mod folded;
mod id;
mod life;
mod noun;
mod stream;
mod unique_key;

pub use folded::Folded;
pub use id::Id;
pub use life::Life;
pub use noun::{EventTypes, Noun, NounVisitor};
pub use stream::Stream;
pub use unique_key::UniqueKey;

/// What the macros need.
#[doc(hidden)]
pub use {cqrs_es, strum};
