//! The read model of nouns that nobody asks for by more than id, name, organization and page: the states themselves, folded
//! by [`Noun::evolve`](chancery_noun::Noun::evolve). A noun is a line in `projection.rs` and needs no SQL.

mod entry;
mod projection;
mod view;

pub use projection::Registry;
pub(crate) use view::find;
pub use view::{Page, Shown, View, ViewError};
