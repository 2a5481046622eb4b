//! The refusal of a value by a rule of the contract (docs/contract/core.md 1.1 and 1.2).

/// The value must not be empty.
pub(crate) const REQUIRED: &str = "required";

/// A value that a rule refuses. Its text is the contract's `detail` of a validation entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Validation failed for tag \"{tag}\" with value: \"{value}\"")]
pub struct InvalidValue {
    /// The rule, by its name on the wire.
    pub tag: &'static str,
    /// The value as it was sent.
    pub value: String,
}

impl InvalidValue {
    pub(crate) fn new(tag: &'static str, value: &str) -> Self {
        Self {
            tag,
            value: value.to_owned(),
        }
    }
}
