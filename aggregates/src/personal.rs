//! The marker of personal data in events, so that erasure can be added in one place.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Personal data (a name, an e-mail address). Serialises as the bare value; `Debug` never prints it.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks `value` as personal data.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for those who may show or store it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_prints_the_value() {
        assert_eq!(
            format!("{:?}", Personal::new("ada@example.org")),
            "Personal(..)"
        );
    }

    #[test]
    fn serialises_as_the_bare_value() {
        let json = serde_json::to_string(&Personal::new("ada")).unwrap();
        assert_eq!(json, r#""ada""#);
        assert_eq!(
            serde_json::from_str::<Personal<String>>(&json)
                .unwrap()
                .expose(),
            "ada"
        );
    }
}
