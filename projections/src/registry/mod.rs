//! The read model of nouns that nobody asks for by more than id, name, owner, end and page: the states themselves, folded by
//! [`Noun::evolve`](chancery_noun::Noun::evolve). Every noun of the [list](chancery_aggregates::nouns) is in it that
//! `projection.rs` does not except, and needs no SQL.

mod entry;
mod projection;
mod view;

pub use projection::Registry;
pub use view::{Page, Shown, View, ViewError, ended};
