//! `limit` and `offset` (docs/contract/core.md 1.3).

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A whole number from 0 to `MAX`; 0 when the client did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpTo<const MAX: i64>(i64);

/// How many of a list are wanted. Where a list without a limit is whole, 0 stands for all.
pub type Limit = UpTo<10_000>;

/// After how many of a list.
pub type Offset = UpTo<{ i64::MAX }>;

impl<const MAX: i64> UpTo<MAX> {
    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl Limit {
    /// The limit, unless it is 0.
    pub fn unless_zero(self) -> Option<i64> {
        (self.0 > 0).then_some(self.0)
    }
}

impl<'de, const MAX: i64> Deserialize<'de> for UpTo<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let number = text
            .parse()
            .ok()
            .filter(|number| (0..=MAX).contains(number));
        let invalid = || Error::custom(format_args!("must be a valid integer (0 to {MAX})"));
        number.map(Self).ok_or_else(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::base::query;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Page {
        limit: Limit,
        offset: Offset,
    }

    #[test]
    fn absent_and_empty_parameters_count_as_zero() {
        let page: Page = query::parse("offset=").unwrap();
        assert_eq!((page.limit.unless_zero(), page.offset.number()), (None, 0));
    }

    #[test]
    fn numbers_out_of_range_are_refused_with_the_range() {
        let page: Page = query::parse("limit=10000&offset=10001").unwrap();
        assert_eq!(
            (page.limit.number(), page.offset.number()),
            (10_000, 10_001)
        );
        for bad in ["limit=10001", "limit=-1", "limit=x", "limit=1.5"] {
            let invalid = query::parse::<Page>(bad).unwrap_err();
            let expected = "Query param \"limit\" must be a valid integer (0 to 10000)";
            assert_eq!(invalid[0].detail, expected, "{bad}");
        }
    }
}
