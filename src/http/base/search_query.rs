//! The search language of `q` (docs/contract/core.md 6): words and `key:value` pairs, separated by blanks.
//!
//! A value may stand in double quotes. A bare word belongs to a default key. Keys are compared without regard to case; values keep theirs,
//! so that names can be found as they are written.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::error::Validation;
use crate::moment;

/// A parsed search whose terms are taken one key at a time; what is left at the end nobody knew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    terms: Vec<(String, String)>,
    invalid: Vec<Validation>,
}

impl SearchQuery {
    /// Reads `text`; bare words get `default_key`.
    pub fn parse(text: &str, default_key: &str) -> Self {
        let mut query = Self::default();
        for piece in split(text, char::is_whitespace) {
            let parts = split_parts(piece);
            match parts.as_slice() {
                [word] => query.terms.push((default_key.to_owned(), unquoted(word))),
                [key, value] if !key.is_empty() && !value.is_empty() => {
                    query.terms.push((key.to_lowercase(), unquoted(value)));
                }
                [_, _] => query.refuse(
                    "q",
                    format!("Query element \"{piece}\" cannot start or end with ':'"),
                ),
                _ => query.refuse(
                    "q",
                    format!("Query element \"{piece}\" can only contain 1 ':'"),
                ),
            }
        }
        query
    }

    fn refuse(&mut self, field: &str, detail: String) {
        self.invalid.push(Validation::new(field, detail));
    }

    /// The value of `key`. Given more than once, it is refused.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let mut values = Vec::new();
        self.terms.retain(|(name, value)| {
            let wanted = name == key;
            if wanted {
                values.push(value.clone());
            }
            !wanted
        });
        if values.len() > 1 {
            self.refuse(
                key,
                format!(
                    "Query param \"{key}\" provided more than once, found {} times",
                    values.len()
                ),
            );
        }
        values.into_iter().next().filter(|value| !value.is_empty())
    }

    /// The values of `key`, comma-separated or given more than once, in lower case. None when there is none.
    pub fn list(&mut self, key: &str) -> Option<Vec<String>> {
        let mut values = Vec::new();
        self.terms.retain(|(name, value)| {
            let wanted = name == key;
            if wanted {
                values.extend(value.split(',').map(|part| part.trim().to_lowercase()));
            }
            !wanted
        });
        values.retain(|value| !value.is_empty());
        (!values.is_empty()).then_some(values)
    }

    /// The values of `key`, each of which must be the name of one of `known`.
    pub fn list_of<T>(&mut self, key: &str, known: &[T]) -> Option<Vec<T>>
    where
        T: Copy + Into<&'static str>,
    {
        let mut found = Vec::new();
        for value in self.list(key)? {
            let Some(one) = known.iter().find(|one| (**one).into() == value) else {
                let names: Vec<_> = known.iter().map(|one| (*one).into()).collect();
                self.refuse(key, not_one_of(key, &value, &names));
                break;
            };
            found.push(*one);
        }
        Some(found)
    }

    /// The RFC 3339 time that is the value of `key`.
    pub fn timestamp(&mut self, key: &str) -> Option<DateTime<Utc>> {
        self.typed(key, "a valid RFC 3339 time, in double quotes", |text| {
            let time = DateTime::parse_from_rfc3339(&text.to_uppercase()).ok()?;
            Some(time.to_utc())
        })
    }

    fn typed<T>(
        &mut self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = read(&text);
        if value.is_none() {
            self.refuse(key, format!("Query param \"{key}\" must be {expected}"));
        }
        value
    }

    /// The UUID that is the value of `key`.
    pub fn uuid<I: From<Uuid>>(&mut self, key: &str) -> Option<I> {
        self.typed(key, "a valid uuid", |text| {
            Uuid::parse_str(text).ok().map(I::from)
        })
    }

    /// The whole number that is the value of `key`.
    pub fn integer(&mut self, key: &str) -> Option<i64> {
        self.typed(key, "a valid integer", |text| text.parse().ok())
    }

    /// The beginning of the day that is the value of `key`, in UTC.
    pub fn day_start(&mut self, key: &str) -> Option<DateTime<Utc>> {
        self.day(key)
            .map(|day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// The last microsecond of the day that is the value of `key`, in UTC.
    pub fn day_end(&mut self, key: &str) -> Option<DateTime<Utc>> {
        let end = self.day(key)?.and_hms_micro_opt(23, 59, 59, 999_999)?;
        Some(end.and_utc())
    }

    fn day(&mut self, key: &str) -> Option<NaiveDate> {
        self.typed(key, "a valid date (YYYY-MM-DD)", moment::day)
    }

    /// The value of `key`, which must be one of `known`.
    pub fn one_of(&mut self, key: &str, known: &[&str]) -> Option<String> {
        let text = self.text(key)?.to_lowercase();
        if known.contains(&text.as_str()) {
            return Some(text);
        }
        self.refuse(key, not_one_of(key, &text, known));
        None
    }

    /// Done: everything that was wrong, keys that nobody asked for among it.
    pub fn finish(mut self) -> Result<(), Vec<Validation>> {
        for (key, _) in std::mem::take(&mut self.terms) {
            let detail = format!("Query param \"{key}\" is not a valid query param");
            self.refuse(&key, detail);
        }
        if self.invalid.is_empty() {
            Ok(())
        } else {
            Err(self.invalid)
        }
    }
}

fn not_one_of(key: &str, value: &str, known: &[&str]) -> String {
    let known = known.join(", ");
    format!("Query param \"{key}\" has invalid value: \"{value}\" is not one of {known}")
}

/// Splits outside of double quotes; empty pieces are left out.
fn split(text: &str, separates: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        if character == '"' {
            quoted = !quoted;
        }
        !quoted && separates(character)
    })
    .filter(|piece| !piece.is_empty())
}

/// The parts between colons outside of double quotes, empty ones too.
fn split_parts(piece: &str) -> Vec<&str> {
    let mut quoted = false;
    piece
        .split(|character| {
            if character == '"' {
                quoted = !quoted;
            }
            !quoted && character == ':'
        })
        .collect()
}

fn unquoted(text: &str) -> String {
    text.replace('"', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Vec<String> {
        let query = SearchQuery::parse(text, "word");
        let fields = query.finish().unwrap_err().into_iter();
        fields.map(|validation| validation.field).collect()
    }

    #[test]
    fn pairs_and_bare_words_are_told_apart() {
        let mut query = SearchQuery::parse("  User Action:Create name:\"a b:c\" ", "word");
        assert_eq!(query.text("word").as_deref(), Some("User"));
        assert_eq!(query.text("action").as_deref(), Some("Create"));
        assert_eq!(query.text("name").as_deref(), Some("a b:c"));
        assert_eq!(query.text("other"), None);
        assert_eq!(query.finish(), Ok(()));
    }

    #[test]
    fn misplaced_colons_are_refused() {
        assert_eq!(refused(":a"), ["q"]);
        assert_eq!(refused("a:"), ["q"]);
        assert_eq!(refused(":"), ["q"]);
        assert_eq!(refused("a:b:c"), ["q"]);
    }

    #[test]
    fn keys_that_nobody_asked_for_are_refused_by_name() {
        assert_eq!(refused("colour:red"), ["colour"]);
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let mut query = SearchQuery::parse("a:1 a:2", "word");
        query.text("a");
        assert_eq!(query.finish().unwrap_err()[0].field, "a");
    }

    #[test]
    fn a_list_is_separated_by_commas_or_repeated() {
        let mut query = SearchQuery::parse("a:X,y a:z b:,", "word");
        assert_eq!(query.list("a").unwrap(), ["x", "y", "z"]);
        assert_eq!(query.list("b"), None);
        assert_eq!(query.finish(), Ok(()));
        let mut query = SearchQuery::parse("a:x,w", "word");
        query.list_of("a", &["x", "y"]);
        assert_eq!(query.finish().unwrap_err()[0].field, "a");
    }

    #[test]
    fn a_time_stands_in_quotes_and_in_any_case() {
        let mut query = SearchQuery::parse("a:\"2024-02-29t12:00:00+02:00\" b:now", "word");
        assert_eq!(
            query.timestamp("a").unwrap().to_rfc3339(),
            "2024-02-29T10:00:00+00:00"
        );
        assert_eq!(query.timestamp("b"), None);
        assert_eq!(query.finish().unwrap_err()[0].field, "b");
    }

    #[test]
    fn typed_values_are_checked() {
        let mut query =
            SearchQuery::parse("id:x from:2024-02-30 to:2024-02-29 action:dance", "word");
        assert_eq!(query.uuid::<Uuid>("id"), None);
        assert_eq!(query.day_start("from"), None);
        let end = query.day_end("to").unwrap();
        assert_eq!(end.to_rfc3339(), "2024-02-29T23:59:59.999999+00:00");
        assert_eq!(query.one_of("action", &["create"]), None);
        let invalid = query.finish().unwrap_err();
        let fields: Vec<_> = invalid
            .iter()
            .map(|invalid| invalid.field.as_str())
            .collect();
        assert_eq!(fields, ["id", "from", "action"]);
    }

    #[test]
    fn a_day_is_of_a_year_that_the_database_knows() {
        let mut query = SearchQuery::parse("from:-262143-01-01 to:+262142-12-31", "word");
        assert_eq!((query.day_start("from"), query.day_end("to")), (None, None));
        assert_eq!(query.finish().unwrap_err().len(), 2);
    }

    #[test]
    fn an_unfinished_quote_reaches_to_the_end() {
        let mut query = SearchQuery::parse("name:\"a b", "word");
        assert_eq!(query.text("name").as_deref(), Some("a b"));
    }
}
