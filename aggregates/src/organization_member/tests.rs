use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::organization::OrganizationId;
use crate::user::UserId;

const ORGANIZATION: OrganizationId = OrganizationId::from_u128(1);
const USER: UserId = UserId::from_u128(2);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<OrganizationMember>> {
    TestFramework::with(()).given(events)
}

fn add() -> Command {
    Command::AddOrganizationMember {
        organization_id: ORGANIZATION,
        user_id: USER,
        roles: vec![],
    }
}

fn remove() -> Command {
    Command::RemoveOrganizationMember {
        organization_id: ORGANIZATION,
        user_id: USER,
    }
}

fn added() -> Event {
    Event::OrganizationMemberAdded {
        organization_id: ORGANIZATION,
        user_id: USER,
        roles: vec![],
    }
}

fn removed() -> Event {
    Event::OrganizationMemberRemoved {
        organization_id: ORGANIZATION,
        user_id: USER,
    }
}

#[test]
fn a_user_is_added_once_and_may_come_back_after_removal() {
    given(vec![]).when(add()).then_expect_events(vec![added()]);
    given(vec![added()])
        .when(add())
        .then_expect_error(Error::AlreadyMember);
    given(vec![added(), removed()])
        .when(add())
        .then_expect_events(vec![added()]);
}

#[test]
fn only_a_member_is_removed() {
    given(vec![added()])
        .when(remove())
        .then_expect_events(vec![removed()]);
    given(vec![])
        .when(remove())
        .then_expect_error(Error::NotMember);
    given(vec![added(), removed()])
        .when(remove())
        .then_expect_error(Error::NotMember);
}

fn change(roles: &[&str]) -> Command {
    Command::ChangeOrganizationMemberRoles {
        organization_id: ORGANIZATION,
        user_id: USER,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

fn changed(roles: &[&str]) -> Event {
    Event::OrganizationMemberRolesChanged {
        organization_id: ORGANIZATION,
        user_id: USER,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

#[test]
fn roles_are_replaced_and_an_unchanged_set_records_nothing() {
    given(vec![added()])
        .when(change(&["organization-admin"]))
        .then_expect_events(vec![changed(&["organization-admin"])]);
    given(vec![added(), changed(&["organization-admin"])])
        .when(change(&["organization-admin"]))
        .then_expect_events(vec![]);
    given(vec![added(), changed(&["organization-admin"])])
        .when(change(&[]))
        .then_expect_events(vec![changed(&[])]);
}

#[test]
fn only_a_member_has_roles() {
    for events in [vec![], vec![added(), removed()]] {
        given(events)
            .when(change(&["organization-admin"]))
            .then_expect_error(Error::NotMember);
    }
}

#[test]
fn the_stream_is_named_by_organization_and_user() {
    assert_eq!(
        stream_id(ORGANIZATION, USER),
        "00000000-0000-0000-0000-000000000001:00000000-0000-0000-0000-000000000002"
    );
}

#[test]
fn a_membership_is_found_among_those_of_its_user_for_as_long_as_it_lasts() {
    let key = format!("{}{ORGANIZATION}", memberships_of(USER));
    let keys = |event| OrganizationMember::keys("", &event);
    assert_eq!(keys(added()), [UniqueKey::Take(key.clone())]);
    assert_eq!(keys(changed(&[])), []);
    assert_eq!(keys(removed()), [UniqueKey::Free(key)]);
}
