use serde_json::{Value, json};

use crate::support::{Answer, Server, Session};
use crate::{UNKNOWN, USERS, assert_not_found, create, fields, organization_of, person};

async fn set(by: &Session<'_>, user: &str, roles: &[&str]) -> Answer {
    let path = format!("{USERS}/{user}/roles");
    by.put(&path, &json!({ "roles": roles })).await
}

#[tokio::test]
async fn roles_are_replaced_read_and_take_effect_at_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    ada.get("/api/v2/audit").await.expect(403);
    let changed = set(&owner, "ada", &["user-admin", "auditor", "member"])
        .await
        .expect(200);
    let expected = json!([
        { "name": "auditor", "display_name": "Auditor" },
        { "name": "user-admin", "display_name": "User Admin" },
    ]);
    assert_eq!(changed.json()["roles"], expected);
    ada.get("/api/v2/audit").await.expect(200);
    let organization = organization_of(&owner).await;
    let roles = ada
        .get(&format!("{USERS}/me/roles"))
        .await
        .expect(200)
        .json();
    let expected =
        json!({ "roles": ["auditor", "user-admin"], "organization_roles": { organization: [] } });
    assert_eq!(roles, expected);
    assert_eq!(
        set(&owner, "ada", &[]).await.expect(200).json()["roles"],
        json!([])
    );
    ada.get("/api/v2/audit").await.expect(403);
}

#[tokio::test]
async fn ones_own_roles_unknown_roles_and_organization_roles_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let refused = set(&owner, "me", &["owner"]).await.expect(400);
    assert_eq!(
        refused.member("message"),
        "You cannot change your own roles."
    );
    for role in ["king", "organization-admin", ""] {
        let refused = set(&owner, "ada", &["auditor", role]).await.expect(400);
        assert_eq!(fields(&refused), ["roles"]);
    }
    assert_not_found(set(&owner, UNKNOWN, &[]).await);
    let roles = owner
        .get(&format!("{USERS}/ada/roles"))
        .await
        .expect(200)
        .json();
    assert_eq!(roles["roles"], json!([]));
}

#[tokio::test]
async fn a_user_admin_can_neither_give_nor_take_a_site_role() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    person(&owner, "auditor", &["auditor"]).await;
    let admin = person(&owner, "admin", &["user-admin"]).await;
    for roles in [&["owner"][..], &["user-admin"], &["auditor"]] {
        set(&admin, "ada", roles).await.expect(403);
    }
    set(&admin, "auditor", &[]).await.expect(403);
    set(&admin, "owner", &[]).await.expect(403);
    set(&admin, "ada", &["member"]).await.expect(200);
    set(&admin, "auditor", &["auditor"]).await.expect(200);
    let member = person(&owner, "member", &[]).await;
    assert_not_found(set(&member, "ada", &["owner"]).await);
    set(
        &person(&owner, "templates", &["template-admin"]).await,
        "ada",
        &[],
    )
    .await
    .expect(403);
}

#[tokio::test]
async fn the_assignable_roles_are_listed_with_what_the_caller_may_give() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let roles = owner.get(&format!("{USERS}/roles")).await.expect(200);
    insta::assert_json_snapshot!("assignable_roles", roles.json());
    let member = person(&owner, "member", &[]).await;
    let roles = member
        .get(&format!("{USERS}/roles"))
        .await
        .expect(200)
        .json();
    let assignable = |role: &Value| role["assignable"] == true;
    assert!(!roles.as_array().unwrap().iter().any(assignable));
}
