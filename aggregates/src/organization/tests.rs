use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::name::{DisplayName, Name};
use crate::text::FreeText;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Organization> {
    TestFramework::with(()).given(events)
}

fn create(name: &str) -> Command {
    Command::CreateOrganization {
        name: Name::organization(name).unwrap(),
        display_name: DisplayName::parse("Coder").unwrap(),
        description: FreeText::parse("Everyone").unwrap(),
        icon: FreeText::default(),
        is_default: true,
    }
}

fn created(name: &str) -> Event {
    Event::OrganizationCreated {
        name: name.to_owned(),
        display_name: "Coder".to_owned(),
        description: "Everyone".to_owned(),
        icon: String::new(),
        is_default: true,
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
}

#[test]
fn the_name_default_is_reserved() {
    given(vec![])
        .when(create("Default"))
        .then_expect_error_message(r#"Organization name "Default" is reserved."#);
}

#[test]
fn the_name_is_unique_without_regard_to_case() {
    assert_eq!(
        Organization::unique_keys("x", &created("Coder")),
        vec![UniqueKey::Take("organization_name:coder".to_owned())]
    );
}
