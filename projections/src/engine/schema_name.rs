//! Names of schemas that people choose.

use std::fmt;
use std::str::FromStr;

/// The name of a schema that a person chose: 1 to 40 characters of `a-z`, `0-9` and `_`, the first no digit, and none of
/// the names that belong to `PostgreSQL`, to projections or to what is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaName(String);

/// A text names no schema of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a schema's name is 1 to 40 of a-z, 0-9 and _, begins with no digit, and is not public, pg_... or projection_..."
)]
pub struct InvalidSchemaName;

impl FromStr for SchemaName {
    type Err = InvalidSchemaName;

    fn from_str(text: &str) -> Result<Self, InvalidSchemaName> {
        let is_taken = ["pg_", "projection_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
            || ["public", "information_schema"].contains(&text);
        let is_name = (1..=40).contains(&text.len())
            && !text.starts_with(|first: char| first.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if is_name && !is_taken {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSchemaName)
        }
    }
}

impl SchemaName {
    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is called until it is complete.
    pub(super) fn partial(&self) -> String {
        let mut name = self.0.clone();
        name.push_str("_partial");
        name
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_gets_no_name_that_belongs_to_something_else_or_needs_quotes() {
        for name in ["as_of_7", "a", "january"] {
            assert!(name.parse::<SchemaName>().is_ok(), "{name}");
        }
        let long = "a".repeat(41);
        for name in [
            "",
            "public",
            "pg_temp",
            "projection_user",
            "A",
            "1a",
            "a b",
            "a\";--",
            "information_schema",
            &long,
        ] {
            assert_eq!(name.parse::<SchemaName>(), Err(InvalidSchemaName), "{name}");
        }
    }
}
