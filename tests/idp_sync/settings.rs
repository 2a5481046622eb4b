use serde_json::{Value, json};

use crate::support::{Server, Session, UNKNOWN};
use crate::{GROUPS, ORGANIZATIONS, ROLES};

async fn get(session: &Session<'_>, path: &str) -> Value {
    session.get(path).await.expect(200).json()
}

/// Settings of each kind, with how they are asked for and shown.
fn settings() -> [(&'static str, Value); 3] {
    [
        (
            ORGANIZATIONS,
            json!({ "field": "orgs", "mapping": { "acme": [UNKNOWN], "none": [] }, "organization_assign_default": false }),
        ),
        (
            GROUPS,
            json!({
                "field": "groups", "mapping": { "devs": [UNKNOWN] }, "regex_filter": "^d", "auto_create_missing_groups": true,
            }),
        ),
        (
            ROLES,
            json!({ "field": "roles", "mapping": { "leads": ["organization-admin", "no-role"] } }),
        ),
    ]
}

#[tokio::test]
async fn settings_that_were_never_made_are_shown_as_the_contract_has_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    insta::assert_json_snapshot!("organization_sync", get(&owner, ORGANIZATIONS).await);
    insta::assert_json_snapshot!("group_sync", get(&owner, GROUPS).await);
    insta::assert_json_snapshot!("role_sync", get(&owner, ROLES).await);
}

#[tokio::test]
async fn a_patch_replaces_settings_whole_and_answers_what_is_stored() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (path, sent) in settings() {
        let answer = owner.patch(path, &sent).await.expect(200).json();
        assert_eq!(answer, sent, "{path}");
        assert_eq!(get(&owner, path).await, sent);
    }
    for (path, emptied) in [
        (
            ORGANIZATIONS,
            json!({ "field": "", "mapping": {}, "organization_assign_default": false }),
        ),
        (
            GROUPS,
            json!({ "field": "", "mapping": {}, "regex_filter": null, "auto_create_missing_groups": false }),
        ),
        (ROLES, json!({ "field": "", "mapping": {} })),
    ] {
        for sent in [json!({}), json!({ "field": null, "mapping": null })] {
            let answer = owner.patch(path, &sent).await.expect(200).json();
            assert_eq!(answer, emptied, "{path}");
        }
    }
}

#[tokio::test]
async fn a_config_replaces_its_own_fields_and_keeps_the_mapping() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (path, sent) in settings() {
        owner.patch(path, &sent).await.expect(200);
    }
    for (path, config, changed) in [
        (
            ORGANIZATIONS,
            json!({ "field": "x", "assign_default": true }),
            json!({ "field": "x", "organization_assign_default": true }),
        ),
        (
            ORGANIZATIONS,
            json!({ "organization_assign_default": true }),
            json!({ "field": "", "organization_assign_default": false }),
        ),
        (
            GROUPS,
            json!({ "field": "x", "regex_filter": "y$" }),
            json!({ "field": "x", "regex_filter": "y$", "auto_create_missing_groups": false }),
        ),
        (
            GROUPS,
            json!({}),
            json!({ "field": "", "regex_filter": null, "auto_create_missing_groups": false }),
        ),
        (ROLES, json!({ "field": "x" }), json!({ "field": "x" })),
    ] {
        let mut expected = get(&owner, path).await;
        for (name, value) in changed.as_object().unwrap() {
            expected[name] = value.clone();
        }
        let config_path = format!("{path}/config");
        let answer = owner.patch(&config_path, &config).await.expect(200).json();
        assert_eq!(answer, expected, "{path} {config}");
        assert_eq!(get(&owner, path).await, expected);
    }
}

#[tokio::test]
async fn each_organization_has_settings_of_its_own() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let acme = owner.organization("acme").await;
    let of_acme = GROUPS.replace("default", "acme");
    let body = json!({ "field": "groups" });
    owner.patch(&of_acme, &body).await.expect(200);
    assert_eq!(get(&owner, GROUPS).await["field"], "");
    let by_id = GROUPS.replace("default", &acme);
    assert_eq!(get(&owner, &by_id).await["field"], "groups");
    let nowhere = GROUPS.replace("default", "nowhere");
    owner.get(&nowhere).await.expect(404);
    owner.patch(&nowhere, &body).await.expect(404);
}

#[tokio::test]
async fn settings_of_an_earlier_time_are_shown_as_they_were() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (path, sent) in settings() {
        let before = get(&owner, path).await;
        let head = sqlx::query_scalar("SELECT max(position) FROM events");
        let position: i64 = head.fetch_one(server.pool()).await.unwrap();
        owner.patch(path, &sent).await.expect(200);
        owner.patch(path, &json!({})).await.expect(200);
        for (position, then) in [(position, before), (position + 1, sent)] {
            let shown = get(&owner, &format!("{path}?as_of={position}")).await;
            assert_eq!(shown, then, "{path}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let unreadable = "Request body must be valid JSON.";
    for (path, body) in [
        (ORGANIZATIONS, json!({ "mapping": { "a": ["no-uuid"] } })),
        (
            ORGANIZATIONS,
            json!({ "organization_assign_default": "yes" }),
        ),
        (GROUPS, json!({ "mapping": { "a": ["no-uuid"] } })),
        (GROUPS, json!({ "regex_filter": "(" })),
        (GROUPS, json!({ "regex_filter": {} })),
        (ROLES, json!({ "mapping": { "a": [7] } })),
        (ROLES, json!({ "mapping": { "a": "owner" } })),
    ] {
        let before = get(&owner, path).await;
        let answer = owner.patch(path, &body).await;
        let answer = answer.expect_error(400, unreadable);
        assert!(!answer.member("detail").is_empty());
        assert_eq!(get(&owner, path).await, before, "{path} {body}");
    }
    let config = format!("{GROUPS}/config");
    let answer = owner.patch(&config, &json!({ "regex_filter": "[" })).await;
    let answer = answer.expect_error(400, unreadable);
    assert!(answer.member("detail").contains("error parsing regexp"));
    let long = "x".repeat(4097);
    let answer = owner.patch(ROLES, &json!({ "field": long })).await;
    let answer = answer.expect_error(400, "Validation failed.");
    assert_eq!(answer.fields(), ["field"]);
    let many = vec![UNKNOWN; 10_001];
    let body = json!({ "mapping": { "a": many } });
    let answer = owner.patch(GROUPS, &body).await.expect(400);
    assert_eq!(answer.fields(), ["mapping"]);
}

#[tokio::test]
async fn the_operators_names_of_groups_cannot_be_sent() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let field = "legacy_group_name_mapping";
    let answer = owner.patch(GROUPS, &json!({ field: { "a": "b" } })).await;
    let answer = answer.expect_error(
        400,
        "Unexpected field 'legacy_group_name_mapping'. Field not allowed, set to null or remove it.",
    );
    let expected = json!([{ "field": field, "detail": "field is not allowed" }]);
    assert_eq!(answer.json()["validations"], expected);
    assert_eq!(
        answer.member("detail"),
        "legacy_group_name_mapping is deprecated, use mapping instead"
    );
    for harmless in [json!({}), json!(null)] {
        owner
            .patch(GROUPS, &json!({ field: harmless }))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn who_may_not_change_settings_is_refused_before_what_was_sent_is_read() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let body = json!({ "mapping": 7 });
    for path in [ORGANIZATIONS, GROUPS, ROLES] {
        ada.get(path).await.expect_error(403, "Forbidden.");
        for part in ["", "/config", "/mapping"] {
            let answer = ada.patch(&format!("{path}{part}"), &body).await;
            answer.expect_error(403, "Forbidden.");
        }
    }
    let roles = ["organization-user-admin"];
    owner
        .set_member_roles(&home, "ada", &roles)
        .await
        .expect(200);
    for path in [GROUPS, ROLES] {
        ada.get(path).await.expect(200);
        ada.patch(path, &json!({})).await.expect(200);
        ada.patch(path, &body).await.expect(400);
    }
    ada.get(ORGANIZATIONS).await.expect(403);
}
