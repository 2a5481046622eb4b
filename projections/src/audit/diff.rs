//! Tracked fields and the difference of two states of them (core.md 7.1, 7.3).

use serde_json::{Map, Value, json};

/// What a field holds: says what its zero value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Time,
    Flag,
    Number,
    List,
    /// Never shown. The state holds the position of its last change.
    Secret,
}

/// A tracked field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
}

/// A table entry.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

impl Field {
    fn zero(self) -> Value {
        match self.kind {
            Kind::Text | Kind::Secret => json!(""),
            Kind::Time => json!("0001-01-01T00:00:00Z"),
            Kind::Flag => json!(false),
            Kind::Number => json!(0),
            Kind::List => json!([]),
        }
    }

    fn value(self, state: &Map<String, Value>) -> Value {
        state
            .get(self.name)
            .filter(|value| !value.is_null())
            .cloned()
            .unwrap_or_else(|| self.zero())
    }
}

/// The fields that differ, as the audit API shows them. An absent field or state counts as zero values.
pub(super) fn diff(fields: &[Field], old: &Map<String, Value>, new: &Map<String, Value>) -> Value {
    let changed = fields.iter().filter_map(|field| {
        let (old, new) = (field.value(old), field.value(new));
        if old == new {
            return None;
        }
        let shown = if field.kind == Kind::Secret {
            json!({ "old": "", "new": "", "secret": true })
        } else {
            json!({ "old": old, "new": new, "secret": false })
        };
        Some((field.name.to_owned(), shown))
    });
    Value::Object(changed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        field("name", Kind::Text),
        field("roles", Kind::List),
        field("password", Kind::Secret),
    ];

    fn state(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn a_creation_shows_the_zero_values_as_old_and_leaves_out_what_is_zero() {
        let new = state(json!({ "name": "ada", "roles": [] }));
        let expected = json!({ "name": { "old": "", "new": "ada", "secret": false } });
        assert_eq!(diff(FIELDS, &Map::new(), &new), expected);
    }

    #[test]
    fn a_changed_secret_is_marked_and_never_shown() {
        let old = state(json!({ "name": "ada", "password": 1 }));
        let new = state(json!({ "name": "ada", "password": 7 }));
        assert_eq!(
            diff(FIELDS, &old, &new),
            json!({ "password": { "old": "", "new": "", "secret": true } })
        );
    }

    #[test]
    fn a_field_that_is_not_tracked_is_left_out() {
        assert_eq!(
            diff(FIELDS, &Map::new(), &state(json!({ "other": 1 }))),
            json!({})
        );
    }
}
