use serde::{Deserialize, Serialize};

const MAX_LENGTH: usize = 64;

/// Names of the ways to enter without a key, which no key has.
pub const RESERVED: [&str; 3] = ["built-in", "user-auth", "psk"];

/// The name of a key: 1 to 64 characters, in lower case, so that names that differ in case alone are one. Reads back unchecked,
/// like a [`Name`](crate::name::Name).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyName(String);

/// Why a text is not the name of a key. The texts are the contract's, as far as it has some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is empty.
    #[error("Name is required")]
    Empty,
    /// It is too long.
    #[error("Name must be at most {MAX_LENGTH} characters")]
    TooLong,
    /// It cannot be printed.
    #[error("Name must not have control characters")]
    Unprintable,
    /// It means something else.
    #[error("Name cannot be reserved name '{0}'")]
    Reserved(String),
}

impl KeyName {
    /// Checks a name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let name = Self::spelled(text);
        if text.is_empty() {
            Err(InvalidName::Empty)
        } else if text.chars().count() > MAX_LENGTH {
            Err(InvalidName::TooLong)
        } else if text.contains(char::is_control) {
            Err(InvalidName::Unprintable)
        } else if name.is_reserved() {
            Err(InvalidName::Reserved(text.to_owned()))
        } else {
            Ok(name)
        }
    }

    /// What a key of this name would be called, if there were one.
    pub fn spelled(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// Whether it stands for a way to enter without a key.
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&&*self.0)
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
