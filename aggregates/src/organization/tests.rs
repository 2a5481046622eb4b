use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<Organization>> {
    TestFramework::with(()).given(events)
}

fn profile(name: &str) -> Profile {
    Profile {
        name: Name::organization(name).unwrap(),
        display_name: DisplayName::parse("Coder").unwrap(),
        description: FreeText::parse("Everyone").unwrap(),
        icon: FreeText::default(),
    }
}

fn first(name: &str) -> Organization {
    Organization {
        profile: profile(name),
        is_default: true,
    }
}

fn create(name: &str) -> Command {
    Command::CreateOrganization(first(name))
}

fn created(name: &str) -> Event {
    Event::OrganizationCreated(first(name))
}

fn created_second() -> Event {
    Event::OrganizationCreated(Organization {
        profile: Profile {
            name: Name::organization("second").unwrap(),
            ..Profile::default()
        },
        is_default: false,
    })
}

fn rename(name: &str) -> Command {
    Command::UpdateOrganization(ProfilePatch {
        name: Some(Name::organization(name).unwrap()),
        ..ProfilePatch::default()
    })
}

fn renamed(name: &str) -> Event {
    Event::OrganizationUpdated {
        previous_name: Name::organization("coder").unwrap(),
        profile: profile(name),
    }
}

fn deleted() -> Event {
    Event::OrganizationDeleted {
        name: Name::organization("second").unwrap(),
    }
}

#[test]
fn an_organization_is_created_once() {
    given(vec![])
        .when(create("coder"))
        .then_expect_events(vec![created("coder")]);
    given(vec![created("coder")])
        .when(create("coder"))
        .then_expect_error(Error::AlreadyExists);
    given(vec![created_second(), deleted()])
        .when(create("second"))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn the_name_default_is_reserved() {
    given(vec![])
        .when(create("Default"))
        .then_expect_error_message(r#"Organization name "Default" is reserved."#);
    given(vec![created("coder")])
        .when(rename("default"))
        .then_expect_error_message(r#"Organization name "default" is reserved."#);
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    given(vec![created("coder")])
        .when(rename("acme"))
        .then_expect_events(vec![renamed("acme")]);
    given(vec![created("coder")])
        .when(Command::UpdateOrganization(ProfilePatch {
            display_name: Some(DisplayName::default()),
            icon: Some(FreeText::parse("/i.png").unwrap()),
            ..ProfilePatch::default()
        }))
        .then_expect_events(vec![Event::OrganizationUpdated {
            previous_name: Name::organization("coder").unwrap(),
            profile: Profile {
                display_name: DisplayName::default(),
                icon: FreeText::parse("/i.png").unwrap(),
                ..profile("coder")
            },
        }]);
}

#[test]
fn an_update_that_changes_nothing_records_nothing() {
    given(vec![created("coder")])
        .when(rename("coder"))
        .then_expect_events(vec![]);
    given(vec![created("coder"), renamed("acme")])
        .when(rename("acme"))
        .then_expect_events(vec![]);
}

#[test]
fn only_an_organization_that_exists_is_updated_or_deleted() {
    for events in [vec![], vec![created_second(), deleted()]] {
        given(events.clone())
            .when(rename("acme"))
            .then_expect_error(Error::NotFound);
        given(events)
            .when(Command::DeleteOrganization)
            .then_expect_error(Error::NotFound);
    }
}

#[test]
fn the_default_organization_stays() {
    given(vec![created("coder")])
        .when(Command::DeleteOrganization)
        .then_expect_error(Error::DefaultNotDeletable);
    given(vec![created_second()])
        .when(Command::DeleteOrganization)
        .then_expect_events(vec![deleted()]);
}

#[test]
fn the_name_is_unique_without_regard_to_case_and_is_freed_by_renaming_and_deletion() {
    let keys = |event: &Event| Organization::keys("x", event);
    let key = |name: &str| format!("organization_name:{name}");
    assert_eq!(keys(&created("Coder")), vec![UniqueKey::Take(key("coder"))]);
    assert_eq!(
        keys(&renamed("Acme")),
        vec![UniqueKey::Free(key("coder")), UniqueKey::Take(key("acme"))]
    );
    assert_eq!(keys(&renamed("CODER")), vec![]);
    assert_eq!(keys(&deleted()), vec![UniqueKey::Free(key("second"))]);
}
