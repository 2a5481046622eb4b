use std::collections::BTreeMap;

use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::organization::OrganizationId;

const HOME: OrganizationId = OrganizationId::from_u128(1);

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<ProvisionerKey>> {
    TestFramework::with(()).given(events)
}

fn key() -> ProvisionerKey {
    let tags = BTreeMap::from([("region".to_owned(), "eu".to_owned())]);
    ProvisionerKey {
        organization_id: HOME,
        name: KeyName::parse("Builders").unwrap(),
        tags: ProvisionerTags::parse(tags).unwrap(),
        hashed_secret: HashedSecret::of("secret"),
    }
}

fn created() -> Event {
    Event::ProvisionerKeyCreated(key())
}

fn deleted() -> Event {
    Event::ProvisionerKeyDeleted {
        organization_id: HOME,
        name: key().name,
        hashed_secret: key().hashed_secret,
    }
}

#[test]
fn a_key_is_created_once() {
    given(vec![])
        .when(Command::CreateProvisionerKey(key()))
        .then_expect_events(vec![created()]);
    for history in [vec![created()], vec![created(), deleted()]] {
        given(history)
            .when(Command::CreateProvisionerKey(key()))
            .then_expect_error(Error::AlreadyExists);
    }
}

#[test]
fn a_key_that_exists_is_deleted() {
    given(vec![created()])
        .when(Command::DeleteProvisionerKey)
        .then_expect_events(vec![deleted()]);
    for history in [vec![], vec![created(), deleted()]] {
        given(history)
            .when(Command::DeleteProvisionerKey)
            .then_expect_error(Error::NotFound);
    }
}

#[test]
fn a_key_is_found_by_its_name_in_any_case_and_by_its_text_while_it_exists() {
    let name = format!("provisioner_key_name:{HOME}:builders");
    let text = secret_key(&HashedSecret::of("secret"));
    assert_eq!(
        ProvisionerKey::keys("", &created()),
        [UniqueKey::Take(name.clone()), UniqueKey::Take(text.clone())]
    );
    assert_eq!(
        ProvisionerKey::keys("", &deleted()),
        [UniqueKey::Free(name), UniqueKey::Free(text)]
    );
    assert_eq!(key().name_key().as_deref(), Some("builders"));
}

#[test]
fn names_are_kept_in_lower_case() {
    for (text, name) in [
        ("Key", "key"),
        ("ÄÖ 1", "äö 1"),
        (&*"X".repeat(64), &*"x".repeat(64)),
    ] {
        assert_eq!(KeyName::parse(text).unwrap().as_str(), name);
    }
}

#[test]
fn names_that_break_a_rule_are_refused_in_the_contracts_words() {
    for (text, words) in [
        ("", "Name is required"),
        (&*"x".repeat(65), "Name must be at most 64 characters"),
        ("a\0b", "Name must not have control characters"),
        ("built-in", "Name cannot be reserved name 'built-in'"),
        ("User-Auth", "Name cannot be reserved name 'User-Auth'"),
        ("PSK", "Name cannot be reserved name 'PSK'"),
    ] {
        assert_eq!(KeyName::parse(text).unwrap_err().to_string(), words);
    }
}
