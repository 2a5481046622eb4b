use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{mapping, text};
use crate::group::GroupId;
use crate::idp_sync::group_sync::{Command, Config, Event, GroupSync};
use crate::idp_sync::organization_sync::{self, OrganizationSync};
use crate::idp_sync::role_sync::{self, RoleSync};
use crate::idp_sync::{Change, Error, MappingPatch, Pair, RegexFilter};
use crate::organization::OrganizationId;

const ACME: OrganizationId = OrganizationId::from_u128(1);
const ONE: GroupId = GroupId::from_u128(1);
const TWO: GroupId = GroupId::from_u128(2);
const THREE: GroupId = GroupId::from_u128(3);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<GroupSync>> {
    TestFramework::with(()).given(events)
}

/// Settings that the operator made.
fn initial() -> GroupSync {
    GroupSync {
        field: text("memberships"),
        mapping: mapping(&[("a", &[ONE])]),
        legacy_group_name_mapping: [("eng".to_owned(), "devs".to_owned())].into(),
        ..GroupSync::default()
    }
}

fn settings() -> GroupSync {
    GroupSync {
        field: text("groups"),
        mapping: mapping(&[("devs", &[ONE, TWO])]),
        regex_filter: Some(RegexFilter::parse("^d").unwrap()),
        auto_create_missing_groups: true,
        ..GroupSync::default()
    }
}

fn change(change: Change<GroupSync>) -> Command {
    let initial = initial();
    Command { change, initial }
}

fn pairs<T: Clone>(pairs: &[(&str, T)]) -> Vec<Pair<T>> {
    let pairs = pairs.iter().cloned();
    let pair = |(given, gets)| Pair {
        given: text(given),
        gets,
    };
    pairs.map(pair).collect()
}

fn patch(add: &[(&str, GroupId)], remove: &[(&str, GroupId)]) -> Command {
    let (add, remove) = (pairs(add), pairs(remove));
    change(Change::PatchMapping(MappingPatch { add, remove }))
}

fn mapped(pairs: &[(&str, &[GroupId])]) -> GroupSync {
    GroupSync {
        mapping: mapping(pairs),
        ..settings()
    }
}

#[test]
fn settings_are_replaced_and_equal_ones_stay() {
    let replace = change(Change::Replace(settings()));
    given(vec![])
        .when(replace.clone())
        .then_expect_events(vec![Event::GroupSyncSet(settings())]);
    given(vec![Event::GroupSyncSet(settings())])
        .when(replace)
        .then_expect_events(vec![]);
}

#[test]
fn settings_that_the_operator_made_are_recorded_once_somebody_confirms_them() {
    given(vec![])
        .when(change(Change::Replace(initial())))
        .then_expect_events(vec![Event::GroupSyncSet(initial())]);
}

#[test]
fn all_but_the_mappings_is_configured_on_what_is_in_force() {
    let config = || Config {
        field: text("teams"),
        regex_filter: None,
        auto_create_missing_groups: false,
    };
    let configure = || change(Change::Configure(config()));
    let configured = |before| GroupSync {
        field: text("teams"),
        regex_filter: None,
        auto_create_missing_groups: false,
        ..before
    };
    given(vec![])
        .when(configure())
        .then_expect_events(vec![Event::GroupSyncSet(configured(initial()))]);
    given(vec![Event::GroupSyncSet(settings())])
        .when(configure())
        .then_expect_events(vec![Event::GroupSyncSet(configured(settings()))]);
}

#[test]
fn pairs_come_once_in_order_and_those_that_go_go_last() {
    let before = vec![Event::GroupSyncSet(settings())];
    given(before.clone())
        .when(patch(&[("devs", ONE), ("devs", THREE), ("ops", TWO)], &[]))
        .then_expect_events(vec![Event::GroupSyncSet(mapped(&[
            ("devs", &[ONE, TWO, THREE]),
            ("ops", &[TWO]),
        ]))]);
    given(before.clone())
        .when(patch(
            &[("devs", THREE), ("ops", TWO)],
            &[("devs", THREE), ("devs", ONE), ("ops", TWO)],
        ))
        .then_expect_events(vec![Event::GroupSyncSet(mapped(&[
            ("devs", &[TWO]),
            ("ops", &[]),
        ]))]);
    given(before)
        .when(patch(&[("devs", TWO)], &[("devs", THREE), ("none", ONE)]))
        .then_expect_events(vec![]);
}

#[test]
fn a_mapping_that_is_too_large_is_refused_however_it_became_so() {
    let full: Vec<GroupId> = (1..=10_000).map(GroupId::from_u128).collect();
    let large = mapped(&[("devs", &full)]);
    given(vec![Event::GroupSyncSet(large.clone())])
        .when(patch(&[("devs", TWO)], &[]))
        .then_expect_events(vec![]);
    let refused = Error::MappingTooLarge { most: 10_000 };
    given(vec![Event::GroupSyncSet(large)])
        .when(patch(&[("devs", GroupId::from_u128(0))], &[]))
        .then_expect_error(refused);
    let larger = mapped(&[("devs", &full), ("none", &[])]);
    given(vec![])
        .when(change(Change::Replace(larger)))
        .then_expect_error(refused);
}

#[test]
fn the_other_settings_are_changed_in_the_same_ways() {
    use organization_sync::{Command, Config, Event};
    let configured = OrganizationSync {
        field: text("teams"),
        mapping: mapping(&[("acme", &[ACME])]),
        assign_default: false,
    };
    let config = Config {
        field: configured.field.clone(),
        assign_default: false,
    };
    let (add, remove) = (pairs(&[("acme", ACME)]), Vec::new());
    let mapped = OrganizationSync {
        mapping: configured.mapping.clone(),
        ..OrganizationSync::default()
    };
    let change = |change| Command {
        change,
        initial: OrganizationSync::default(),
    };
    TestFramework::<Stream<OrganizationSync>>::with(())
        .given(vec![])
        .when(change(Change::PatchMapping(MappingPatch { add, remove })))
        .then_expect_events(vec![Event::OrganizationSyncSet(mapped.clone())]);
    TestFramework::<Stream<OrganizationSync>>::with(())
        .given(vec![Event::OrganizationSyncSet(mapped)])
        .when(change(Change::Configure(config)))
        .then_expect_events(vec![Event::OrganizationSyncSet(configured)]);
}

#[test]
fn roles_are_mapped_by_name() {
    use role_sync::{Command, Config, Event};
    let mapped = RoleSync {
        field: text("roles"),
        mapping: mapping(&[("leads", &[text("organization-admin")])]),
    };
    let (add, remove) = (
        pairs(&[("leads", text("organization-admin"))]),
        pairs(&[("leads", text("organization-auditor"))]),
    );
    let change = |change| Command {
        change,
        initial: RoleSync::default(),
    };
    let field = mapped.field.clone();
    let configured = RoleSync {
        field: field.clone(),
        ..RoleSync::default()
    };
    TestFramework::<Stream<RoleSync>>::with(())
        .given(vec![])
        .when(change(Change::Configure(Config { field })))
        .then_expect_events(vec![Event::RoleSyncSet(configured.clone())]);
    TestFramework::<Stream<RoleSync>>::with(())
        .given(vec![Event::RoleSyncSet(configured)])
        .when(change(Change::PatchMapping(MappingPatch { add, remove })))
        .then_expect_events(vec![Event::RoleSyncSet(mapped)]);
}
