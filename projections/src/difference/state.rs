//! The difference of two whole states.

use serde_json::Value;

/// What is shown in place of a secret's hash.
const SECRET: &str = "(secret)";

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its place: members' names, joined by dots.
    pub field: String,
    /// What it was; absent when it was not there.
    pub old: Option<Value>,
    /// What it is; absent when it is not there.
    pub new: Option<Value>,
    /// Whether it is a secret, whose values are not shown.
    pub secret: bool,
}

/// The fields in which two states differ, in order of their names.
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare("", Some(old), Some(new), false, &mut changes);
    changes
}

fn compare(
    field: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    secret: bool,
    changes: &mut Vec<Change>,
) {
    if old == new {
        return;
    }
    let members = |value: Option<&Value>| match value {
        Some(Value::Object(members)) => Some(members.clone()),
        // What came to be or went is shown member by member too.
        None | Some(Value::Null) => Some(serde_json::Map::new()),
        _ => None,
    };
    let either_object = [old, new]
        .into_iter()
        .flatten()
        .any(|value| value.as_object().is_some_and(|members| !members.is_empty()));
    if let (true, Some(before), Some(after)) = (either_object, members(old), members(new)) {
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let place = if field.is_empty() {
                name.clone()
            } else {
                format!("{field}.{name}")
            };
            let secret = secret || is_secret(name);
            compare(&place, before.get(name), after.get(name), secret, changes);
        }
        return;
    }
    let shown = |value: Option<&Value>| {
        value.map(|value| {
            if secret && !value.is_null() {
                SECRET.into()
            } else {
                redacted(value)
            }
        })
    };
    changes.push(Change {
        field: field.to_owned(),
        old: shown(old),
        new: shown(new),
        secret,
    });
}

/// Secrets are recorded as hashes, and every such field's name says so.
fn is_secret(name: &str) -> bool {
    name.starts_with("hashed_") || name == "jwt"
}

/// The value without the hashes of secrets in it.
pub fn redacted(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let shown = if is_secret(name) && !value.is_null() {
                    SECRET.into()
                } else {
                    redacted(value)
                };
                (name.clone(), shown)
            })
            .collect(),
        Value::Array(items) => items.iter().map(redacted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_fields_that_differ_are_named_with_their_place() {
        let old = json!({"name": "a", "same": 1, "owner": {"id": 1, "role": "x"}, "tags": [1, 2]});
        let new = json!({"name": "b", "same": 1, "owner": {"id": 1, "role": "y"}, "tags": [1]});
        let fields: Vec<_> = changes(&old, &new)
            .into_iter()
            .map(|change| change.field)
            .collect();
        assert_eq!(fields, ["name", "owner.role", "tags"]);
        assert!(changes(&old, &old).is_empty());
    }

    #[test]
    fn what_came_to_be_is_shown_member_by_member() {
        let changes = changes(
            &json!({"account": null}),
            &json!({"account": {"name": "a", "roles": []}}),
        );
        let shown: Vec<_> = changes
            .into_iter()
            .map(|change| (change.field, change.old, change.new, change.secret))
            .collect();
        assert_eq!(
            shown,
            [
                ("account.name".to_owned(), None, Some(json!("a")), false),
                ("account.roles".to_owned(), None, Some(json!([])), false),
            ]
        );
    }

    #[test]
    fn secrets_are_marked_and_never_shown() {
        let old = json!({"hashed_password": "p1", "secrets": [{"hashed_secret": "s1"}]});
        let new = json!({"hashed_password": "p2", "secrets": [{"hashed_secret": "s2"}]});
        let changes = changes(&old, &new);
        assert!(changes[0].secret);
        let shown = format!(
            "{}{}",
            json!(
                changes
                    .iter()
                    .map(|change| [&change.old, &change.new])
                    .collect::<Vec<_>>()
            ),
            redacted(&new)
        );
        for hash in ["p1", "p2", "s1", "s2"] {
            assert!(!shown.contains(&format!("\"{hash}\"")), "{shown}");
        }
    }
}
