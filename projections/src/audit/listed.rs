//! Fields that hold lists which may be long: the members of a group.

use serde_json::{Map, Value, json};

/// The longest list that entries show whole. Once a list was longer, only its changes are shown, so that neither an
/// entry nor the state grows with it.
const SHOWN_WHOLE: usize = 256;

/// Takes elements into the list in `field` and out of it. Returns the difference to show where that is not the
/// difference of the two states: what went as old, what came as new.
pub(super) fn change(
    fields: &mut Map<String, Value>,
    field: &str,
    added: &[Value],
    removed: &[Value],
) -> Option<Value> {
    let before = match fields.get(field) {
        None => Some([].as_slice()),
        Some(Value::Array(before)) => Some(before.as_slice()),
        Some(_) => None,
    };
    let after = before
        .filter(|before| before.len() + added.len() <= SHOWN_WHOLE + removed.len())
        .map(|before| {
            let kept = before.iter().filter(|element| !removed.contains(element));
            kept.cloned()
                .chain(added.iter().cloned())
                .collect::<Vec<_>>()
        })
        .filter(|after| after.len() <= SHOWN_WHOLE);
    let shown = after
        .is_none()
        .then(|| json!({ field: { "old": removed, "new": added, "secret": false } }));
    fields.insert(field.to_owned(), after.map_or(Value::Null, Value::Array));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(range: std::ops::Range<usize>) -> Vec<Value> {
        range.map(|number| json!(number)).collect()
    }

    #[test]
    fn a_short_list_is_kept_whole() {
        let mut fields = Map::new();
        assert_eq!(change(&mut fields, "list", &numbers(0..3), &[]), None);
        assert_eq!(
            change(&mut fields, "list", &numbers(3..4), &[json!(1)]),
            None
        );
        assert_eq!(Value::Object(fields), json!({ "list": [0, 2, 3] }));
    }

    #[test]
    fn of_a_list_that_was_long_only_changes_are_shown() {
        let mut fields = Map::new();
        assert_eq!(
            change(&mut fields, "list", &numbers(0..SHOWN_WHOLE), &[]),
            None
        );
        let shown = change(&mut fields, "list", &[json!("one")], &[]);
        assert_eq!(
            shown,
            Some(json!({ "list": { "old": [], "new": ["one"], "secret": false } }))
        );
        assert_eq!(fields["list"], Value::Null);
        let shown = change(&mut fields, "list", &[], &numbers(0..SHOWN_WHOLE));
        assert!(shown.is_some_and(|shown| {
            shown["list"]["old"]
                .as_array()
                .is_some_and(|old| old.len() == SHOWN_WHOLE)
        }));
    }
}
