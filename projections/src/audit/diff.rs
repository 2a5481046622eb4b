//! Tracked fields and the difference of two states of them (core.md 7.1, 7.3).
//!
//! Stored is a short form, `{"<field>": [old, new]}` with `[]` for a secret; the audit API's form is made of it on reading.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::fields::Fields;

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
    /// The zero value, as JSON.
    fn zero(self) -> &'static str {
        match self.kind {
            Kind::Text | Kind::Secret => "\"\"",
            Kind::Time => "\"0001-01-01T00:00:00Z\"",
            Kind::Flag => "false",
            Kind::Number => "0",
            Kind::List => "[]",
        }
    }

    fn is_zero(self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(flag) => self.kind == Kind::Flag && !flag,
            Value::Number(number) => self.kind == Kind::Number && number.as_i64() == Some(0),
            Value::String(text) => match self.kind {
                Kind::Text | Kind::Secret => text.is_empty(),
                Kind::Time => text == "0001-01-01T00:00:00Z",
                Kind::Flag | Kind::Number | Kind::List => false,
            },
            Value::Array(list) => self.kind == Kind::List && list.is_empty(),
            Value::Object(_) => false,
        }
    }

    /// The value, unless it is the zero value.
    fn of(self, state: &Fields) -> Option<&Value> {
        state.get(self.name).filter(|value| !self.is_zero(value))
    }
}

/// The fields that differ, in the short form. An absent field or state counts as zero values.
pub(super) fn diff(fields: &[Field], old: &Fields, new: &Fields) -> String {
    let mut text = String::from("{");
    for field in fields {
        let (old, new) = (field.of(old), field.of(new));
        if old == new {
            continue;
        }
        name(&mut text, field.name);
        text.push('[');
        if field.kind != Kind::Secret {
            for (side, after) in [(old, ","), (new, "")] {
                match side {
                    Some(side) => value(&mut text, side),
                    None => text.push_str(field.zero()),
                }
                text.push_str(after);
            }
        }
        text.push(']');
    }
    text.push('}');
    text
}

/// A difference in the short form as the audit API shows it.
pub(super) fn shown(stored: Value) -> Value {
    let Value::Object(fields) = stored else {
        return Value::Object(Map::new());
    };
    let show = |value| match value {
        Value::Array(sides) => {
            let mut sides = sides.into_iter();
            match (sides.next(), sides.next()) {
                (Some(old), Some(new)) => json!({ "old": old, "new": new, "secret": false }),
                _ => json!({ "old": "", "new": "", "secret": true }),
            }
        }
        other => other,
    };
    let fields = fields.into_iter().map(|(name, value)| (name, show(value)));
    Value::Object(fields.collect())
}

/// Appends a field's name, with what separates it from the one before.
pub(super) fn name(text: &mut String, name: &str) {
    if !text.ends_with('{') {
        text.push(',');
    }
    text.push('"');
    text.push_str(name);
    text.push_str("\":");
}

/// Appends a value.
pub(super) fn value(text: &mut String, value: &Value) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        field("name", Kind::Text),
        field("roles", Kind::List),
        field("password", Kind::Secret),
    ];

    fn difference(old: impl Into<Fields>, new: impl Into<Fields>) -> Value {
        let stored = diff(FIELDS, &old.into(), &new.into());
        shown(serde_json::from_str(&stored).unwrap())
    }

    #[test]
    fn a_creation_shows_the_zero_values_as_old_and_leaves_out_what_is_zero() {
        let new = [("name", json!("ada")), ("roles", json!([]))];
        let expected = json!({ "name": { "old": "", "new": "ada", "secret": false } });
        assert_eq!(difference(Fields::default(), new), expected);
    }

    #[test]
    fn several_changed_fields_are_all_shown() {
        let old = [("name", json!("a\"da")), ("roles", json!(["owner"]))];
        assert_eq!(
            difference(old, Fields::default()),
            json!({
                "name": { "old": "a\"da", "new": "", "secret": false },
                "roles": { "old": ["owner"], "new": [], "secret": false },
            })
        );
    }

    #[test]
    fn a_changed_secret_is_marked_and_never_shown() {
        let old = [("name", json!("ada")), ("password", json!(1))];
        let new = [("name", json!("ada")), ("password", json!(7))];
        assert_eq!(
            difference(old, new),
            json!({ "password": { "old": "", "new": "", "secret": true } })
        );
    }

    #[test]
    fn a_field_that_is_not_tracked_is_left_out() {
        let new = [("other", json!(1))];
        assert_eq!(difference(Fields::default(), new), json!({}));
    }
}
