use std::collections::BTreeSet;

use serde_json::json;

use super::{claims, mapping, ruled, rules, text};
use crate::idp_sync::organization_sync::{OrganizationSync, Organizations};
use crate::idp_sync::{Outcome, Rule};
use crate::organization::OrganizationId;

const HOME: OrganizationId = OrganizationId::from_u128(1);
const ACME: OrganizationId = OrganizationId::from_u128(2);
const APEX: OrganizationId = OrganizationId::from_u128(3);
const GONE: OrganizationId = OrganizationId::from_u128(4);

fn settings() -> OrganizationSync {
    OrganizationSync {
        field: text("claim"),
        mapping: mapping(&[
            ("acme", &[ACME]),
            ("both", &[ACME, APEX]),
            ("gone", &[GONE]),
        ]),
        assign_default: false,
    }
}

fn evaluate(
    settings: &OrganizationSync,
    claim: serde_json::Value,
    present: &[OrganizationId],
) -> Option<Outcome<OrganizationId>> {
    let organizations = Organizations {
        ids: BTreeSet::from([HOME, ACME, APEX]),
        default: HOME,
    };
    let present = present.iter().copied().collect();
    settings.evaluate(&claims(claim), &organizations, &present)
}

#[test]
fn a_person_joins_the_mapped_organizations_and_leaves_all_others() {
    let ruled = ruled(evaluate(
        &settings(),
        json!(["acme", "both", "x"]),
        &[HOME, ACME],
    ));
    assert_eq!((&*ruled.added, &*ruled.removed), (&[APEX][..], &[HOME][..]));
    assert_eq!(
        rules(&ruled),
        [
            (Some("acme"), Rule::Mapped, Some(ACME)),
            (Some("both"), Rule::Mapped, Some(ACME)),
            (Some("both"), Rule::Mapped, Some(APEX)),
            (Some("x"), Rule::Unknown, None),
        ]
    );
}

#[test]
fn an_organization_that_is_gone_is_passed_over() {
    let ruled = ruled(evaluate(&settings(), json!("gone"), &[]));
    assert!(ruled.added.is_empty());
    assert_eq!(rules(&ruled), [(Some("gone"), Rule::Unknown, Some(GONE))]);
}

#[test]
fn everyone_belongs_to_the_default_one_if_that_is_set_whatever_the_claim() {
    let settings = OrganizationSync {
        assign_default: true,
        ..settings()
    };
    for claim in [json!(null), json!([])] {
        let ruled = ruled(evaluate(&settings, claim, &[ACME]));
        assert_eq!((&*ruled.added, &*ruled.removed), (&[HOME][..], &[ACME][..]));
        assert_eq!(rules(&ruled), [(None, Rule::Default, Some(HOME))]);
    }
}

#[test]
fn a_person_whose_claim_has_no_values_leaves_all() {
    let ruled = ruled(evaluate(&settings(), json!(null), &[HOME, ACME]));
    assert_eq!(ruled.removed, [HOME, ACME]);
}

#[test]
fn nothing_follows_without_a_field_or_from_a_claim_that_cannot_be_read() {
    let off = OrganizationSync {
        field: text(""),
        ..settings()
    };
    assert_eq!(evaluate(&off, json!(["acme"]), &[HOME]), None);
    let skipped = evaluate(&settings(), json!("acme,both"), &[HOME]).unwrap();
    assert_eq!(skipped.field, "claim");
    assert_eq!(
        skipped.ruled.unwrap_err().to_string(),
        "invalid claim type. Got a csv string (\"acme,both\"), change this claim to return an array of strings instead."
    );
}
