use futures::future::join;
use serde_json::{Value, json};

use crate::support::{Answer, Server, Session};
use crate::{UNKNOWN, USERS, body, create, fields, organization_of, person};

#[tokio::test]
async fn a_user_has_the_wire_shape_of_the_contract() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = body(&owner, "ada").await;
    body["name"] = json!("Ada Lovelace");
    let created = owner.post(USERS, &body).await.expect(201);
    insta::assert_json_snapshot!("user", created.json(), {
        ".id" => "[uuid]",
        ".organization_ids[0]" => "[uuid]",
        ".created_at" => "[time]",
        ".updated_at" => "[time]",
        ".last_seen_at" => "[time]",
    });
    for name in [created.member("id"), "ada".to_owned(), "ADA".to_owned()] {
        let read = owner.get(&format!("{USERS}/{name}")).await.expect(200);
        assert_eq!(read.json(), created.json());
    }
    let ada = server
        .sign_in("ada@example.com", crate::support::PASSWORD)
        .await;
    assert_eq!(ada.get("/api/v2/users/me").await.member("username"), "ada");
}

#[tokio::test]
async fn a_user_is_dormant_unless_said_otherwise_and_becomes_active_by_signing_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = body(&owner, "ada").await;
    body.as_object_mut().unwrap().remove("user_status");
    let created = owner.post(USERS, &body).await.expect(201);
    assert_eq!(created.member("status"), "dormant");
    server
        .sign_in("ada@example.com", crate::support::PASSWORD)
        .await;
    assert_eq!(
        owner.get(&format!("{USERS}/ada")).await.member("status"),
        "active"
    );
}

#[tokio::test]
async fn a_user_without_login_has_no_password_and_cannot_sign_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = body(&owner, "robot").await;
    body["login_type"] = json!("none");
    let refused = owner.post(USERS, &body).await.expect(400);
    assert_eq!(fields(&refused), ["password"]);
    body.as_object_mut().unwrap().remove("password");
    let created = owner.post(USERS, &body).await.expect(201);
    assert_eq!(created.member("login_type"), "none");
    let login = json!({ "email": "robot@example.com", "password": crate::support::PASSWORD });
    let request = server
        .request(reqwest::Method::POST, "/api/v2/users/login")
        .json(&login);
    // As for one who does not exist.
    Answer::to(request).await.expect(401);
}

#[tokio::test]
async fn disabled_login_is_the_older_word_for_login_type_none() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = body(&owner, "robot").await;
    body.as_object_mut().unwrap().remove("password");
    body["disable_login"] = json!(true);
    let created = owner.post(USERS, &body).await.expect(201);
    assert_eq!(created.member("login_type"), "none");
    body["username"] = json!("other");
    body["email"] = json!("other@example.com");
    for login_type in ["password", "oidc"] {
        body["login_type"] = json!(login_type);
        let refused = owner.post(USERS, &body).await.expect(400);
        assert_eq!(fields(&refused), ["disable_login"]);
    }
    body["login_type"] = json!("none");
    owner.post(USERS, &body).await.expect(201);
}

#[tokio::test]
async fn login_types_that_nobody_can_sign_in_with_here_are_refused_by_name() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = body(&owner, "ada").await;
    body.as_object_mut().unwrap().remove("password");
    for (login_type, message) in [
        (
            "oidc",
            "You must configure OIDC before creating OIDC users.",
        ),
        (
            "github",
            "You must configure GitHub before creating GitHub users.",
        ),
        (
            "token",
            "Unsupported login type \"token\" for manually creating new users.",
        ),
    ] {
        body["login_type"] = json!(login_type);
        let refused = owner.post(USERS, &body).await.expect(400);
        assert_eq!(refused.member("message"), message);
        assert_eq!(fields(&refused), ["login_type"]);
    }
}

#[tokio::test]
async fn invalid_users_are_refused_naming_the_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let valid = body(&owner, "ada").await;
    let cases = [
        ("username", json!("a b"), "username"),
        ("username", json!(""), "username"),
        ("username", json!("create"), "username"),
        ("email", json!("ada"), "email"),
        ("email", Value::Null, "email"),
        ("name", json!(" Ada"), "name"),
        ("password", json!("short"), "password"),
        ("password", json!(""), "password"),
        ("login_type", json!("oidc"), "password"),
        ("login_type", json!("telepathy"), "login_type"),
        ("disable_login", json!(true), "password"),
        ("user_status", json!("gone"), "user_status"),
        ("organization_ids", json!([]), "organization_ids"),
    ];
    for (field, value, at_fault) in cases {
        let mut body = valid.clone();
        body[field] = value;
        let refused = owner.post(USERS, &body).await.expect(400);
        assert_eq!(fields(&refused), [at_fault], "{body}");
    }
    let mut body = valid.clone();
    body["organization_ids"] = json!([UNKNOWN]);
    let refused = owner.post(USERS, &body).await.expect(404);
    assert!(refused.member("message").contains(UNKNOWN));
    body["organization_ids"] = json!(["no-uuid"]);
    owner.post(USERS, &body).await.expect(400);
    assert_eq!(owner.get(USERS).await.expect(200).json()["count"], 1);
}

#[tokio::test]
async fn taken_names_are_a_conflict_whatever_their_case() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    for (field, value) in [("username", "ADA"), ("email", "Ada@Example.com")] {
        let mut body = body(&owner, "someone").await;
        body[field] = json!(value);
        let refused = owner.post(USERS, &body).await.expect(409);
        assert_eq!(refused.member("message"), "User already exists.");
        assert_eq!(fields(&refused), [field]);
    }
}

#[tokio::test]
async fn only_owners_and_user_admins_create_users() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let organization = organization_of(&owner).await;
    let request = |name: &str| {
        json!({
            "username": name, "email": format!("{name}@example.com"),
            "login_type": "none", "organization_ids": [organization],
        })
    };
    let admin = person(&owner, "admin", &["user-admin"]).await;
    admin.post(USERS, &request("new-1")).await.expect(201);
    for (name, roles) in [
        ("plain", &[][..]),
        ("auditor", &["auditor"]),
        ("templates", &["template-admin"]),
    ] {
        let person = person(&owner, name, roles).await;
        let refused = person.post(USERS, &request("new-2")).await.expect(403);
        assert_eq!(
            refused.member("message"),
            "You are not authorized to create users."
        );
    }
    let anonymous = server
        .request(reqwest::Method::POST, USERS)
        .json(&request("new-2"));
    Answer::to(anonymous).await.expect(401);
}

async fn race(owner: &Session<'_>, first: &Value, second: &Value) -> [u16; 2] {
    let (first, second) = join(owner.post(USERS, first), owner.post(USERS, second)).await;
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_creates_of_one_name_exactly_one_succeeds() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let organization = organization_of(&owner).await;
    let request = |username: String, email: String| {
        json!({
            "username": username, "email": email, "login_type": "none", "organization_ids": [organization],
        })
    };
    for n in 0..50 {
        let first = request(format!("name-{n}"), format!("a-{n}@example.com"));
        let second = request(format!("NAME-{n}"), format!("b-{n}@example.com"));
        assert_eq!(race(&owner, &first, &second).await, [201, 409], "name {n}");
        let first = request(format!("c-{n}"), format!("mail-{n}@example.com"));
        let second = request(format!("d-{n}"), format!("Mail-{n}@example.com"));
        assert_eq!(
            race(&owner, &first, &second).await,
            [201, 409],
            "e-mail {n}"
        );
    }
    assert_eq!(owner.get(USERS).await.json()["count"], 101);
}
