//! Fields that hold lists which may be long: the members of a group.

use serde_json::{Value, json};

use super::fields::Fields;

/// The longest list that entries show whole. Once a list was longer, only its changes are shown, so that neither an
/// entry nor the state grows with it.
const SHOWN_WHOLE: usize = 256;

/// Takes elements into the list in `field` and out of it. Returns the difference to show, in the short form, where that
/// is not the difference of the two states: what went as old, what came as new.
pub(super) fn change(
    state: &mut Fields,
    field: &'static str,
    added: &[Value],
    removed: &[Value],
) -> Option<String> {
    let before = match state.get(field) {
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
        .then(|| json!({ field: [removed, added] }).to_string());
    state.set(field, after.map_or(Value::Null, Value::Array));
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
        let mut state = Fields::default();
        assert_eq!(change(&mut state, "list", &numbers(0..3), &[]), None);
        assert_eq!(
            change(&mut state, "list", &numbers(3..4), &[json!(1)]),
            None
        );
        assert_eq!(state, [("list", json!([0, 2, 3]))].into());
    }

    #[test]
    fn of_a_list_that_was_long_only_changes_are_shown() {
        let mut state = Fields::default();
        assert_eq!(
            change(&mut state, "list", &numbers(0..SHOWN_WHOLE), &[]),
            None
        );
        let shown = change(&mut state, "list", &[json!("one")], &[]);
        assert_eq!(shown.as_deref(), Some(r#"{"list":[[],["one"]]}"#));
        assert_eq!(state.get("list"), Some(&Value::Null));
        let shown = change(&mut state, "list", &[], &numbers(0..SHOWN_WHOLE));
        let shown: Value = serde_json::from_str(&shown.unwrap()).unwrap();
        assert_eq!(shown["list"][0].as_array().map(Vec::len), Some(SHOWN_WHOLE));
    }
}
