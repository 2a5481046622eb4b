//! The difference of two states in the tracked fields (docs/contract/core.md 7.1, 7.3).

use chancery_aggregates::audit::{Field, Kind, ListChange};
use serde_json::{Map, Value, json};

/// A resource at one moment: its fields, and what it is called.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// `None`: there is no such resource.
    pub(crate) view: Option<&'a Map<String, Value>>,
    pub(crate) title: &'a str,
}

/// The fields that differ, as the audit API shows them: `{"<field>": {"old", "new", "secret"}}`. What is absent counts as the
/// zero value of its kind.
pub(crate) fn of(fields: &[Field], old: Moment, new: Moment, listed: Option<&ListChange>) -> Value {
    let mut difference = Map::new();
    for field in fields {
        let sides = [old, new].map(|moment| value(*field, moment));
        if let Some(listed) = listed.filter(|listed| listed.field == field.name)
            && sides.contains(&Some(Value::Null))
        {
            let sides = [&listed.removed, &listed.added];
            insert(&mut difference, *field, sides.map(|side| Some(json!(side))));
            continue;
        }
        let sides = sides.map(|side| side.filter(|value| !is_zero(*field, value)));
        if sides[0] != sides[1] {
            insert(&mut difference, *field, sides);
        }
    }
    Value::Object(difference)
}

/// The difference of what a refused attempt left as it was.
pub(crate) fn nothing() -> Value {
    Value::Object(Map::new())
}

fn insert(difference: &mut Map<String, Value>, field: Field, sides: [Option<Value>; 2]) {
    let secret = field.kind == Kind::Secret;
    let [old, new] = sides.map(|side| side.filter(|_| !secret).unwrap_or_else(|| zero(field)));
    difference.insert(
        field.name.to_owned(),
        json!({ "old": old, "new": new, "secret": secret }),
    );
}

fn value(field: Field, moment: Moment) -> Option<Value> {
    let view = moment.view?;
    match field.kind {
        Kind::Title => Some(moment.title.into()),
        _ => view.get(field.name).cloned(),
    }
}

fn zero(field: Field) -> Value {
    match field.kind {
        Kind::Text | Kind::Secret | Kind::Title => json!(""),
        Kind::Time => json!("0001-01-01T00:00:00Z"),
        Kind::Flag => json!(false),
        Kind::Number => json!(0),
        Kind::List => json!([]),
        Kind::Map => json!({}),
    }
}

fn is_zero(field: Field, value: &Value) -> bool {
    value.is_null() || *value == zero(field)
}

#[cfg(test)]
mod tests {
    use chancery_aggregates::audit::field;

    use super::*;

    const FIELDS: &[Field] = &[
        field("name", Kind::Text),
        field("roles", Kind::List),
        field("password", Kind::Secret),
        field("called", Kind::Title),
    ];

    fn difference(old: Option<Value>, new: Option<Value>, listed: Option<&ListChange>) -> Value {
        let [old, new] = [old, new].map(|view| view.and_then(|view| view.as_object().cloned()));
        let moment = |view| Moment { view, title: "" };
        of(FIELDS, moment(old.as_ref()), moment(new.as_ref()), listed)
    }

    #[test]
    fn a_creation_shows_the_zero_values_as_old_and_leaves_out_what_is_zero() {
        let new = json!({ "name": "ada", "roles": [], "other": 1 });
        assert_eq!(
            difference(None, Some(new), None),
            json!({ "name": { "old": "", "new": "ada", "secret": false } })
        );
    }

    #[test]
    fn several_changed_fields_are_all_shown() {
        let old = json!({ "name": "a\"da", "roles": ["owner"] });
        assert_eq!(
            difference(Some(old), None, None),
            json!({
                "name": { "old": "a\"da", "new": "", "secret": false },
                "roles": { "old": ["owner"], "new": [], "secret": false },
            })
        );
    }

    #[test]
    fn a_changed_secret_is_marked_and_never_shown() {
        let old = json!({ "name": "ada", "password": "one" });
        let new = json!({ "name": "ada", "password": "two" });
        assert_eq!(
            difference(Some(old), Some(new), None),
            json!({ "password": { "old": "", "new": "", "secret": true } })
        );
    }

    #[test]
    fn of_a_list_that_is_too_long_only_the_change_is_shown() {
        let listed = ListChange {
            field: "roles",
            added: vec![json!("one")],
            removed: vec![],
        };
        let long = json!({ "roles": null });
        let expected = json!({ "roles": { "old": [], "new": ["one"], "secret": false } });
        for (old, new) in [
            (long.clone(), long.clone()),
            (long.clone(), json!({ "roles": ["a"] })),
            (json!({ "roles": ["a"] }), long),
        ] {
            let shown = difference(Some(old), Some(new), Some(&listed));
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn what_a_thing_is_called_is_a_field_of_it_while_it_is_there() {
        let view = Map::new();
        let there = Moment {
            view: Some(&view),
            title: "ada",
        };
        let gone = Moment {
            view: None,
            title: "ada",
        };
        assert_eq!(
            of(FIELDS, there, gone, None),
            json!({ "called": { "old": "ada", "new": "", "secret": false } })
        );
        assert_eq!(of(FIELDS, there, there, None), json!({}));
    }
}
