use serde_json::json;

use crate::support::{Server, UNKNOWN, chancery_with};
use crate::{GROUPS, ORGANIZATIONS};

#[tokio::test]
async fn an_operators_settings_are_in_force_until_somebody_changes_them() {
    let organizations = json!({ "acme": [UNKNOWN] }).to_string();
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_OIDC_GROUP_FIELD", "memberships"),
        ("CHANCERY_OIDC_GROUP_MAPPING", r#"{"eng":"devs"}"#),
        ("CHANCERY_OIDC_GROUP_REGEX_FILTER", "^d"),
        ("CHANCERY_OIDC_GROUP_AUTO_CREATE", "true"),
        ("CHANCERY_OIDC_ORGANIZATION_FIELD", "orgs"),
        ("CHANCERY_OIDC_ORGANIZATION_MAPPING", &organizations),
        ("CHANCERY_OIDC_ORGANIZATION_ASSIGN_DEFAULT", "false"),
    ])
    .await;
    let owner = server.owner().await;
    let get = async |path: &str| owner.get(path).await.expect(200).json();
    let initial = json!({
        "field": "memberships", "mapping": {}, "regex_filter": "^d", "auto_create_missing_groups": true,
        "legacy_group_name_mapping": { "eng": "devs" },
    });
    assert_eq!(get(GROUPS).await, initial);
    assert_eq!(
        get(ORGANIZATIONS).await,
        json!({ "field": "orgs", "mapping": { "acme": [UNKNOWN] }, "organization_assign_default": false })
    );
    // They are the default organization's alone.
    owner.organization("acme").await;
    assert_eq!(get(&GROUPS.replace("default", "acme")).await["field"], "");
    // A change of a part keeps the rest, and a change of the whole nothing.
    let mut configured = initial;
    configured["field"] = "groups".into();
    let config =
        json!({ "field": "groups", "regex_filter": "^d", "auto_create_missing_groups": true });
    owner
        .patch(&format!("{GROUPS}/config"), &config)
        .await
        .expect(200);
    assert_eq!(get(GROUPS).await, configured);
    owner.patch(GROUPS, &json!({})).await.expect(200);
    let emptied = json!({ "field": "", "mapping": {}, "regex_filter": null, "auto_create_missing_groups": false });
    assert_eq!(get(GROUPS).await, emptied);
}

#[tokio::test]
async fn a_setting_that_cannot_be_read_stops_the_start_and_is_named() {
    for (name, value, flag) in [
        (
            "CHANCERY_OIDC_GROUP_REGEX_FILTER",
            "(",
            "oidc-group-regex-filter",
        ),
        ("CHANCERY_OIDC_GROUP_MAPPING", "[]", "oidc-group-mapping"),
        (
            "CHANCERY_OIDC_ORGANIZATION_MAPPING",
            r#"{"acme":["x"]}"#,
            "oidc-organization-mapping",
        ),
    ] {
        let ran = chancery_with(&[(name, value)], &["serve"]).await;
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains(flag), "{ran:?}");
    }
}
