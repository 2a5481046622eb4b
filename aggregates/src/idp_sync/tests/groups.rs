use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{claims, mapping, ruled, rules, text};
use crate::group::{EVERYONE, GroupId, everyone_of};
use crate::idp_sync::group_sync::{GroupSync, Groups, Target};
use crate::idp_sync::{Outcome, RegexFilter, Rule};
use crate::name::Name;
use crate::organization::OrganizationId;

const ORGANIZATION: OrganizationId = OrganizationId::from_u128(1);
const DEVS: GroupId = GroupId::from_u128(2);
const OPS: GroupId = GroupId::from_u128(3);
const ELSEWHERE: GroupId = GroupId::from_u128(4);

fn settings() -> GroupSync {
    GroupSync {
        field: text("claim"),
        ..GroupSync::default()
    }
}

fn evaluate(settings: &GroupSync, claim: Value, present: &[GroupId]) -> Option<Outcome<Target>> {
    let named = [("devs", DEVS), ("ops", OPS)];
    let named = named.map(|(name, id)| (name.to_owned(), id));
    let groups = Groups::new(ORGANIZATION, named);
    let present: BTreeSet<GroupId> = present.iter().copied().collect();
    let rules = settings.rules();
    rules.evaluate(&claims(claim), &groups, &present)
}

fn existing(id: GroupId) -> Target {
    Target::Existing(id)
}

fn new(name: &str) -> Target {
    Target::New(Name::group(name).unwrap())
}

#[test]
fn a_value_is_a_groups_name_where_nothing_else_is_said() {
    let ruled = ruled(evaluate(&settings(), json!(["devs", "none"]), &[OPS]));
    assert_eq!(ruled.added, [Target::Existing(DEVS)]);
    assert_eq!(ruled.removed, [Target::Existing(OPS)]);
    assert_eq!(
        rules(&ruled),
        [
            (Some("devs"), Rule::ByName, Some(existing(DEVS))),
            (Some("none"), Rule::Unknown, None),
        ]
    );
}

#[test]
fn what_the_mapping_says_of_a_name_comes_before_the_group_of_that_name() {
    let settings = GroupSync {
        mapping: mapping(&[("devs", &[OPS, ELSEWHERE]), ("ops", &[])]),
        ..settings()
    };
    let ruled = ruled(evaluate(&settings, json!(["devs", "ops"]), &[]));
    assert_eq!(ruled.added, [Target::Existing(OPS)]);
    assert_eq!(
        rules(&ruled),
        [
            (Some("devs"), Rule::Mapped, Some(existing(OPS))),
            (Some("devs"), Rule::Unknown, Some(existing(ELSEWHERE))),
            (Some("ops"), Rule::Unknown, None),
        ]
    );
}

#[test]
fn the_operators_names_come_first_then_the_filter_then_the_mapping() {
    let settings = GroupSync {
        mapping: mapping(&[("b-team", &[DEVS])]),
        regex_filter: Some(RegexFilter::parse("^b-").unwrap()),
        legacy_group_name_mapping: [("a-team".to_owned(), "b-team".to_owned())].into(),
        ..settings()
    };
    let ruled = ruled(evaluate(&settings, json!(["a-team", "ops"]), &[]));
    assert_eq!(
        rules(&ruled),
        [
            (Some("a-team"), Rule::Mapped, Some(existing(DEVS))),
            (Some("ops"), Rule::Filtered, None),
        ]
    );
}

#[test]
fn a_missing_group_is_made_if_that_is_set_and_it_can_have_the_name() {
    let settings = GroupSync {
        auto_create_missing_groups: true,
        ..settings()
    };
    let ruled = ruled(evaluate(
        &settings,
        json!(["qa", "devs", "not a name"]),
        &[DEVS],
    ));
    assert_eq!(ruled.added, [new("qa")]);
    assert!(ruled.removed.is_empty());
    assert_eq!(
        rules(&ruled),
        [
            (Some("qa"), Rule::Created, Some(new("qa"))),
            (Some("devs"), Rule::ByName, Some(existing(DEVS))),
            (Some("not a name"), Rule::InvalidName, None),
        ]
    );
}

#[test]
fn everyone_is_in_the_group_of_everyone_anyway() {
    let settings = GroupSync {
        mapping: mapping(&[("all", &[everyone_of(ORGANIZATION)])]),
        auto_create_missing_groups: true,
        ..settings()
    };
    let ruled = ruled(evaluate(&settings, json!([EVERYONE, "all"]), &[]));
    assert!(ruled.added.is_empty());
    assert_eq!(
        rules(&ruled),
        [
            (
                Some(EVERYONE),
                Rule::Implied,
                Some(existing(everyone_of(ORGANIZATION)))
            ),
            (
                Some("all"),
                Rule::Implied,
                Some(existing(everyone_of(ORGANIZATION)))
            ),
        ]
    );
}

#[test]
fn nothing_follows_without_a_field_from_what_cannot_be_read_or_by_a_filter_that_is_none() {
    let off = GroupSync::default();
    assert_eq!(evaluate(&off, json!(["devs"]), &[OPS]), None);
    let skipped = |settings: &GroupSync, claim| {
        let outcome = evaluate(settings, claim, &[OPS]).unwrap();
        outcome.ruled.unwrap_err().to_string()
    };
    assert_eq!(
        skipped(&settings(), json!(["devs", 7])),
        "invalid claim type. Element 1 expected a string, got: number"
    );
    let recorded = json!({ "field": "claim", "mapping": {}, "regex_filter": "(", "auto_create_missing_groups": false });
    let recorded: GroupSync = serde_json::from_value(recorded).unwrap();
    let reason = skipped(&recorded, json!(["devs"]));
    assert!(reason.starts_with("error parsing regexp: "), "{reason}");
}
