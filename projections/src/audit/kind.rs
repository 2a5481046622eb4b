//! What a row says of type and action in four bytes.

use chancery_aggregates::audit::{Action, Resource};

use super::noun::NOUNS;

/// The number of a resource type and an action: FNV-1a of their names, so that no list of numbers has to be kept.
pub(super) fn number(resource: &Resource, action: Action) -> i32 {
    let action: &str = action.into();
    let names = resource.name.bytes().chain([b'/']).chain(action.bytes());
    let hash = names.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.cast_signed()
}

/// The numbers of what a filter on type and action lets through, each once, sorted.
pub(super) fn matching(resource_type: Option<&str>, action: Option<&str>) -> Vec<i32> {
    let resources = NOUNS.values().flat_map(|noun| noun.resources);
    let mut numbers: Vec<i32> = resources
        .filter(|resource| resource_type.is_none_or(|name| name == resource.name))
        .flat_map(|resource| {
            let actions = resource.actions.iter().copied();
            actions.map(|one| (<&str>::from(one), number(resource, one)))
        })
        .filter(|(name, _)| action.is_none_or(|wanted| wanted == *name))
        .map(|(_, number)| number)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    #[test]
    fn no_two_types_and_actions_share_a_number() {
        let mut known = HashMap::new();
        for resource in NOUNS.values().flat_map(|noun| noun.resources) {
            for action in resource.actions {
                let names = (resource.name, <&str>::from(action));
                let before = known.insert(number(resource, *action), names);
                assert!(before.is_none_or(|before| before == names), "{names:?}");
            }
        }
        assert!(known.len() > 20);
    }

    #[test]
    fn filters_on_type_and_action_cut_each_other() {
        let all = matching(None, None);
        let of_groups = matching(Some("group"), None);
        let deletions = matching(None, Some("delete"));
        let both: BTreeSet<i32> = matching(Some("group"), Some("delete"))
            .into_iter()
            .collect();
        assert_eq!((of_groups.len(), both.len()), (3, 1));
        assert!(deletions.iter().all(|number| all.contains(number)));
        assert!(
            both.iter()
                .all(|number| of_groups.contains(number) && deletions.contains(number))
        );
        assert!(matching(Some("nothing"), None).is_empty());
    }
}
