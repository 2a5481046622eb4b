//! `limit`, `offset` and `after_id` (docs/contract/core.md 1.3).

use uuid::Uuid;

use super::error::{ApiError, Validation};

/// The largest page.
pub const LIMIT_MAX: i64 = 10_000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    /// At most so many; 0 when the client did not say.
    pub limit: i64,
    /// After so many.
    pub offset: i64,
    /// After this one.
    pub after_id: Option<Uuid>,
}

impl Pagination {
    /// Reads the query parameters as they were sent; an empty one counts as absent.
    pub fn parse(
        limit: Option<&str>,
        offset: Option<&str>,
        after_id: Option<&str>,
    ) -> Result<Self, ApiError> {
        let mut validations = Vec::new();
        let limit = number("limit", limit, LIMIT_MAX, &mut validations);
        let offset = number("offset", offset, i64::MAX, &mut validations);
        let after_id = after_id.filter(|text| !text.is_empty());
        let parsed = after_id.and_then(|text| Uuid::parse_str(text).ok());
        if after_id.is_some() && parsed.is_none() {
            let detail = "Query param \"after_id\" must be a valid uuid";
            validations.push(Validation::new("after_id", detail));
        }
        if !validations.is_empty() {
            return Err(ApiError::invalid_query(validations));
        }
        Ok(Self {
            limit,
            offset,
            after_id: parsed,
        })
    }
}

impl Pagination {
    /// The limit, where a list without one is whole.
    pub fn limit_or_all(self) -> Option<i64> {
        (self.limit > 0).then_some(self.limit)
    }
}

fn number(name: &str, text: Option<&str>, max: i64, validations: &mut Vec<Validation>) -> i64 {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return 0;
    };
    let number = text.parse().ok();
    number
        .filter(|number| (0..=max).contains(number))
        .unwrap_or_else(|| {
            let detail = format!("Query param \"{name}\" must be a valid integer (0 to {max})");
            validations.push(Validation::new(name, detail));
            0
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_empty_parameters_count_as_zero() {
        let page = Pagination::parse(None, Some(""), None).unwrap();
        assert_eq!((page.limit, page.offset, page.after_id), (0, 0, None));
    }

    #[test]
    fn each_bad_parameter_is_named() {
        let error = Pagination::parse(Some("-1"), Some("x"), Some("y")).unwrap_err();
        let fields: Vec<_> = error
            .body
            .validations
            .iter()
            .map(|v| v.field.as_str())
            .collect();
        assert_eq!(fields, ["limit", "offset", "after_id"]);
        assert!(Pagination::parse(Some("10001"), None, None).is_err());
    }
}
