//! What kind of no a refused command is, for those who answer: each transport has one answer for a class.

use std::error::Error;

/// The class of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// There is no such thing, or no longer.
    NotFound,
    /// Another thing has what must be one thing's alone.
    Taken,
    /// A value breaks a rule.
    Invalid {
        /// The field that it was given in.
        field: &'static str,
    },
    /// It is nobody's to do.
    Forbidden,
    /// It cannot be done to the thing as it is.
    Impossible,
    /// Only a fault of this program leads here, for example a new id that is not new.
    Fault,
}

/// An aggregate's error: its text is for people, its class for programs.
pub trait Refusal: Error + Send + Sync + 'static {
    /// What kind of no it is.
    fn class(&self) -> RefusalClass;
}

/// Of nouns that take every command.
impl Refusal for std::convert::Infallible {
    fn class(&self) -> RefusalClass {
        match *self {}
    }
}
