//! The filter of group names.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

const MAX_LENGTH: usize = 4096;
/// Most bytes that a filter may take when it is made ready.
const MAX_SIZE: usize = 1 << 20;

/// A regular expression in RE2's syntax, which finds its match in time linear to the text. Reads back unchecked, so that a
/// stricter rule never makes a recorded event unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegexFilter(String);

/// A text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {0}")]
pub struct InvalidFilter(String);

impl RegexFilter {
    /// Checks a filter: at most 4096 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        if text.len() > MAX_LENGTH {
            return Err(InvalidFilter(format!("longer than {MAX_LENGTH} bytes")));
        }
        let filter = Self(text.to_owned());
        filter.ready()?;
        Ok(filter)
    }

    /// The filter as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter, made ready to match.
    pub(super) fn ready(&self) -> Result<Regex, InvalidFilter> {
        RegexBuilder::new(&self.0)
            .size_limit(MAX_SIZE)
            .build()
            .map_err(|error| InvalidFilter(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_matches_anywhere_in_a_name() {
        let filter = RegexFilter::parse("^dev|ops$").unwrap().ready().unwrap();
        for (name, matches) in [("devs", true), ("web-ops", true), ("my-devs", false)] {
            assert_eq!(filter.is_match(name), matches, "{name}");
        }
        assert!(
            RegexFilter::parse("")
                .unwrap()
                .ready()
                .unwrap()
                .is_match("x")
        );
    }

    #[test]
    fn what_is_no_regular_expression_or_too_large_is_refused() {
        for text in ["(", "a{1000}{1000}{1000}", "(?=a)", &"a".repeat(4097)] {
            let refused = RegexFilter::parse(text).unwrap_err().to_string();
            assert!(refused.starts_with("error parsing regexp: "), "{refused}");
        }
    }
}
