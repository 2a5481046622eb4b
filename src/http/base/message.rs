//! The answer of operations that have nothing to show.

use serde::Serialize;
use utoipa::ToSchema;

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Response)]
pub struct Message {
    /// The text.
    message: &'static str,
}

impl Message {
    /// Says `message`.
    pub fn new(message: &'static str) -> Self {
        Self { message }
    }
}
