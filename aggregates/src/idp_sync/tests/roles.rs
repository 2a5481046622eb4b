use serde_json::{Value, json};

use super::{claims, mapping, ruled, rules, text};
use crate::idp_sync::role_sync::{RoleSync, Roles, SiteRoleSync};
use crate::idp_sync::{Outcome, Rule};

const ROLES: Roles<'_> = Roles {
    implied: "organization-member",
    assignable: &["organization-admin", "organization-auditor"],
    elsewhere: &["owner"],
};

fn settings() -> RoleSync {
    RoleSync {
        field: text("claim"),
        mapping: mapping(&[
            ("leads", &[text("organization-admin"), text("no-role")]),
            ("owner", &[]),
        ]),
    }
}

fn evaluate(settings: &RoleSync, claim: Value, present: &[&str]) -> Option<Outcome<String>> {
    let present = present.iter().map(|&name| name.to_owned()).collect();
    settings.evaluate(&claims(claim), ROLES, &present)
}

fn role(name: &str) -> String {
    name.to_owned()
}

#[test]
fn a_value_stands_for_its_mapped_roles_or_else_for_the_role_of_its_name() {
    let claim = json!(["leads", "organization-auditor", "organization-member"]);
    let ruled = ruled(evaluate(
        &settings(),
        claim,
        &["organization-auditor", "custom"],
    ));
    assert_eq!(ruled.added, ["organization-admin"]);
    assert_eq!(ruled.removed, ["custom"]);
    assert_eq!(
        rules(&ruled),
        [
            (
                Some("leads"),
                Rule::Mapped,
                Some(role("organization-admin"))
            ),
            (Some("leads"), Rule::Unknown, Some(role("no-role"))),
            (
                Some("organization-auditor"),
                Rule::ByName,
                Some(role("organization-auditor"))
            ),
            (
                Some("organization-member"),
                Rule::Implied,
                Some(role("organization-member"))
            ),
        ]
    );
}

#[test]
fn a_role_of_the_site_is_not_to_be_had_in_an_organization() {
    let by_name = RoleSync {
        mapping: mapping(&[]),
        ..settings()
    };
    let by_name = ruled(evaluate(&by_name, json!("owner"), &[]));
    assert!(by_name.added.is_empty());
    assert_eq!(
        rules(&by_name),
        [(Some("owner"), Rule::Unassignable, Some(role("owner")))]
    );
    // Of this name it was said that it stands for nothing.
    let mapped = ruled(evaluate(&settings(), json!("owner"), &[]));
    assert_eq!(rules(&mapped), [(Some("owner"), Rule::Unknown, None)]);
}

#[test]
fn a_claim_that_is_absent_takes_all_roles_and_one_that_cannot_be_read_none() {
    let absent = ruled(evaluate(&settings(), json!(null), &["organization-admin"]));
    assert_eq!(absent.removed, ["organization-admin"]);
    let unreadable = evaluate(&settings(), json!({}), &["organization-admin"]);
    assert_eq!(
        unreadable.unwrap().ruled.unwrap_err().to_string(),
        "invalid claim type. Expected an array of strings, got: object"
    );
    assert_eq!(evaluate(&RoleSync::default(), json!(null), &["x"]), None);
}

#[test]
fn everyone_gets_the_default_roles_of_the_site_once_a_claim_is_named() {
    let roles = Roles {
        implied: "member",
        assignable: &["auditor", "owner"],
        elsewhere: &["organization-admin"],
    };
    let mut settings = SiteRoleSync {
        field: "claim".to_owned(),
        mapping: mapping(&[("root", &[text("owner")])]),
        default: vec!["auditor".to_owned()],
    };
    let evaluate = |settings: &SiteRoleSync, claim| {
        settings.evaluate(&claims(claim), roles, &["owner".to_owned()].into())
    };
    let outcome = ruled(evaluate(&settings, json!(["root", "organization-admin"])));
    assert_eq!(outcome.added, ["auditor"]);
    assert!(outcome.removed.is_empty());
    assert_eq!(
        rules(&outcome),
        [
            (None, Rule::Default, Some(role("auditor"))),
            (Some("root"), Rule::Mapped, Some(role("owner"))),
            (
                Some("organization-admin"),
                Rule::Unassignable,
                Some(role("organization-admin"))
            ),
        ]
    );
    assert_eq!(ruled(evaluate(&settings, json!(null))).removed, ["owner"]);
    settings.field.clear();
    assert_eq!(evaluate(&settings, json!("root")), None);
}
