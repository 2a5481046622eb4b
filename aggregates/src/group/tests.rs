use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::name::{DisplayName, Name};
use crate::organization::OrganizationId;
use crate::text::FreeText;
use crate::user::UserId;

const ORGANIZATION: OrganizationId = OrganizationId::from_u128(1);
const ADA: UserId = UserId::from_u128(2);
const BOB: UserId = UserId::from_u128(3);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<Group>> {
    TestFramework::with(()).given(events)
}

fn settings(name: &'static str) -> Settings {
    Settings {
        name: Name::own(name),
        display_name: DisplayName::group("Staff").unwrap(),
        avatar_url: FreeText::default(),
        quota_allowance: QuotaAllowance::new(5).unwrap(),
    }
}

fn group(name: &'static str) -> Group {
    Group::new(ORGANIZATION, settings(name), Source::User)
}

fn create(name: &'static str) -> Command {
    Command::CreateGroup(group(name))
}

fn created() -> Event {
    Event::GroupCreated(group("staff"))
}

fn everyone() -> Event {
    let settings = Settings {
        name: Name::own("Everyone"),
        ..Settings::default()
    };
    Event::GroupCreated(Group::new(ORGANIZATION, settings, Source::User))
}

/// The group of staff has other settings.
fn updated(settings: Settings) -> Event {
    Event::GroupUpdated {
        organization_id: ORGANIZATION,
        previous_name: Name::own("staff"),
        settings,
    }
}

fn members(added: &[UserId], removed: &[UserId]) -> Event {
    Event::GroupMembersChanged {
        organization_id: ORGANIZATION,
        added: added.to_vec(),
        removed: removed.to_vec(),
    }
}

fn deleted() -> Event {
    Event::GroupDeleted {
        organization_id: ORGANIZATION,
        name: Name::own("staff"),
    }
}

fn update(change: impl FnOnce(&mut UpdateGroup)) -> Command {
    let mut update = UpdateGroup::default();
    change(&mut update);
    Command::UpdateGroup(update)
}

fn rename(name: &str) -> Command {
    update(|update| update.settings.name = Some(Name::group(name).unwrap()))
}

fn add(ids: &[UserId]) -> Command {
    update(|update| update.add = ids.to_vec())
}

fn remove(ids: &[UserId]) -> Command {
    update(|update| update.remove = ids.iter().copied().collect())
}

#[test]
fn a_group_is_created_once_and_not_called_everyone() {
    given(vec![])
        .when(create("staff"))
        .then_expect_events(vec![created()]);
    given(vec![created()])
        .when(create("staff"))
        .then_expect_error(Error::AlreadyExists);
    given(vec![created(), deleted()])
        .when(create("staff"))
        .then_expect_error(Error::AlreadyExists);
    given(vec![])
        .when(create("Everyone"))
        .then_expect_error(Error::NameReserved);
}

#[test]
fn a_new_group_has_no_members() {
    let with_ada = Group {
        members: [ADA].into_iter().collect(),
        ..group("staff")
    };
    given(vec![])
        .when(Command::CreateGroup(with_ada))
        .then_expect_events(vec![created()]);
}

#[test]
fn the_group_of_everyone_changes_its_settings_and_nothing_else() {
    let create = Command::CreateEveryoneGroup {
        organization_id: ORGANIZATION,
    };
    given(vec![])
        .when(create)
        .then_expect_events(vec![everyone()]);
    let given = || given(vec![everyone()]);
    given()
        .when(rename("all"))
        .then_expect_error(Error::EveryoneName);
    given()
        .when(update(|update| {
            update.settings.display_name = Some(DisplayName::group("All").unwrap());
        }))
        .then_expect_error(Error::EveryoneDisplayName);
    for command in [add(&[ADA]), remove(&[ADA])] {
        given()
            .when(command)
            .then_expect_error(Error::EveryoneMembers);
    }
    given()
        .when(Command::DeleteGroup)
        .then_expect_error(Error::EveryoneNotDeletable);
    given()
        .when(update(|update| {
            update.settings.name = Some(Name::group("Everyone").unwrap());
            update.settings.display_name = Some(DisplayName::default());
            update.settings.avatar_url = Some(FreeText::parse("/a.png").unwrap());
            update.settings.quota_allowance = Some(QuotaAllowance::new(7).unwrap());
        }))
        .then_expect_events(vec![Event::GroupUpdated {
            organization_id: ORGANIZATION,
            previous_name: Name::own("Everyone"),
            settings: Settings {
                name: Name::own("Everyone"),
                display_name: DisplayName::default(),
                avatar_url: FreeText::parse("/a.png").unwrap(),
                quota_allowance: QuotaAllowance::new(7).unwrap(),
            },
        }]);
}

#[test]
fn settings_and_members_change_together_or_not_at_all() {
    let both = |add: &[UserId]| {
        let add = add.to_vec();
        update(move |update| {
            update.settings.name = Some(Name::group("crew").unwrap());
            update.add = add;
        })
    };
    given(vec![created()])
        .when(both(&[BOB, ADA]))
        .then_expect_events(vec![updated(settings("crew")), members(&[ADA, BOB], &[])]);
    given(vec![created(), members(&[ADA], &[])])
        .when(both(&[BOB, ADA]))
        .then_expect_error(Error::AlreadyMember);
}

#[test]
fn nobody_is_added_twice() {
    given(vec![created()])
        .when(add(&[ADA, ADA]))
        .then_expect_error(Error::AlreadyMember);
    given(vec![created(), members(&[ADA], &[])])
        .when(add(&[ADA]))
        .then_expect_error(Error::AlreadyMember);
    given(vec![created(), members(&[ADA], &[]), members(&[], &[ADA])])
        .when(add(&[ADA]))
        .then_expect_events(vec![members(&[ADA], &[])]);
}

#[test]
fn removing_one_who_is_no_member_changes_nothing() {
    given(vec![created(), members(&[ADA], &[])])
        .when(remove(&[BOB]))
        .then_expect_events(vec![]);
    given(vec![created(), members(&[ADA], &[])])
        .when(remove(&[BOB, ADA]))
        .then_expect_events(vec![members(&[], &[ADA])]);
}

#[test]
fn one_who_is_added_and_removed_at_once_ends_outside() {
    given(vec![created()])
        .when(update(|update| {
            update.add = vec![ADA, BOB];
            update.remove = [ADA].into();
        }))
        .then_expect_events(vec![members(&[BOB], &[])]);
}

#[test]
fn no_other_group_is_renamed_to_everyone() {
    given(vec![created()])
        .when(rename("Everyone"))
        .then_expect_error(Error::NameReserved);
    given(vec![created()])
        .when(rename("everyone"))
        .then_expect_events(vec![updated(settings("everyone"))]);
}

#[test]
fn an_update_that_changes_nothing_records_nothing() {
    given(vec![created()])
        .when(rename("staff"))
        .then_expect_events(vec![]);
    given(vec![created()])
        .when(update(|_| {}))
        .then_expect_events(vec![]);
}

#[test]
fn leaving_is_for_members_and_never_refused() {
    let leave = || Command::LeaveGroup { user_id: ADA };
    given(vec![created(), members(&[ADA], &[])])
        .when(leave())
        .then_expect_events(vec![members(&[], &[ADA])]);
    for events in [vec![], vec![created()], vec![created(), deleted()]] {
        given(events).when(leave()).then_expect_events(vec![]);
    }
}

#[test]
fn a_deleted_group_is_gone() {
    given(vec![created()])
        .when(Command::DeleteGroup)
        .then_expect_events(vec![deleted()]);
    for command in [Command::DeleteGroup, rename("crew")] {
        given(vec![created(), deleted()])
            .when(command)
            .then_expect_error(Error::NotFound);
    }
}

#[test]
fn the_name_is_unique_in_its_organization_with_regard_to_case() {
    let keys = |event: &Event| Group::keys("x", event);
    let key = |name: &str| format!("group_name:{ORGANIZATION}:{name}");
    assert_eq!(keys(&created()), vec![UniqueKey::Take(key("staff"))]);
    assert_eq!(keys(&members(&[ADA], &[])), vec![]);
    assert_eq!(keys(&deleted()), vec![UniqueKey::Free(key("staff"))]);
    let renamed = |name| updated(settings(name));
    assert_eq!(
        keys(&renamed("Staff")),
        vec![UniqueKey::Free(key("staff")), UniqueKey::Take(key("Staff"))]
    );
    assert_eq!(keys(&renamed("staff")), vec![]);
}
