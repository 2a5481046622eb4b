use serde_json::json;

use crate::support::{PASSWORD, Server, Session};
use crate::{UNKNOWN, USERS, assert_not_found, create, organization_of, person};

#[tokio::test]
async fn a_deleted_user_is_gone_with_its_keys_and_its_names_are_free() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", "https://app.example.com/callback").await;
    let ada = person(&owner, "ada", &[]).await;
    let token = ada
        .post("/api/v2/users/me/keys/tokens", &json!({}))
        .await
        .expect(201);
    let token = Session::of(&server, token.member("key")).await;
    let oauth2 = app.tokens(&ada).await;

    let deleted = owner.delete(&format!("{USERS}/ada")).await.expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "message": "User has been deleted!" })
    );
    for session in [&ada, &token] {
        session.get("/api/v2/users/me").await.expect(401);
    }
    assert_eq!(oauth2.status(&server).await, 401);
    let refresh = app.refresh(&oauth2.refresh_token);
    server
        .token(&refresh)
        .await
        .expect_oauth2_error(400, "invalid_grant", "");
    for name in ["ada", &ada.user_id] {
        assert_not_found(owner.get(&format!("{USERS}/{name}")).await);
        assert_not_found(owner.delete(&format!("{USERS}/{name}")).await);
    }
    assert_eq!(owner.get(USERS).await.json()["count"], 1);
    let everyone = owner
        .get("/api/v2/users/me/keys/tokens?include_all=true")
        .await;
    assert_eq!(everyone.expect(200).json(), json!([]));

    let again = create(&owner, "ada").await.member("id");
    assert_ne!(again, ada.user_id);
    ada.get("/api/v2/users/me").await.expect(401);
    server.sign_in("ada@example.com", PASSWORD).await;
}

#[tokio::test]
async fn a_deleted_user_is_no_member_of_any_organization() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = create(&owner, "ada").await.member("id");
    let organization = organization_of(&owner).await;
    owner.delete(&format!("{USERS}/ada")).await.expect(200);
    let members: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM projection_organization.organization_members WHERE organization_id = $1::uuid AND user_id = $2::uuid",
    )
    .bind(&organization)
    .bind(&id)
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!(members, 0);
}

#[tokio::test]
async fn neither_oneself_nor_an_owner_by_a_user_admin_is_deleted() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let refused = owner.delete(&format!("{USERS}/me")).await.expect(403);
    assert_eq!(refused.member("message"), "You cannot delete yourself!");
    let admin = person(&owner, "admin", &["user-admin"]).await;
    admin.delete(&format!("{USERS}/owner")).await.expect(403);
    create(&owner, "ada").await;
    admin.delete(&format!("{USERS}/ada")).await.expect(200);
    owner.get("/api/v2/users/me").await.expect(200);
}

#[tokio::test]
async fn only_owners_and_user_admins_delete_users() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let member = person(&owner, "member", &[]).await;
    assert_not_found(member.delete(&format!("{USERS}/ada")).await);
    member.delete(&format!("{USERS}/me")).await.expect(403);
    let templates = person(&owner, "templates", &["template-admin"]).await;
    templates.delete(&format!("{USERS}/ada")).await.expect(403);
    assert_not_found(owner.delete(&format!("{USERS}/{UNKNOWN}")).await);
    owner.get(&format!("{USERS}/ada")).await.expect(200);
}
