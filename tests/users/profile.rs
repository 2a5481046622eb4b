use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};
use crate::{UNKNOWN, USERS, assert_not_found, create, fields, person};

/// A user without the time of the last use, which is noted by and by.
fn unseen(mut user: Value) -> Value {
    let fields = user.as_object_mut().unwrap();
    assert!(fields.remove("last_seen_at").is_some());
    user
}

#[tokio::test]
async fn a_profile_is_replaced_and_the_old_name_is_free() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let profile = json!({ "username": "countess", "name": "Ada King" });
    let updated = ada
        .put(&format!("{USERS}/me/profile"), &profile)
        .await
        .expect(200);
    assert_eq!(updated.member("username"), "countess");
    assert_eq!(updated.member("name"), "Ada King");
    let updated = unseen(updated.json());
    assert_eq!(
        unseen(ada.get(&format!("{USERS}/me")).await.json()),
        updated
    );
    assert_not_found(owner.get(&format!("{USERS}/ada")).await);
    let mut found = owner.get(&format!("{USERS}?q=count")).await.json();
    assert_eq!(found["count"], 1);
    assert_eq!(unseen(found["users"][0].take()), updated);
    // The e-mail address stays.
    server.sign_in("ada@example.com", PASSWORD).await;
    let mut other = crate::body(&owner, "ada").await;
    other["email"] = json!("other@example.com");
    owner.post(USERS, &other).await.expect(201);
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict_and_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let bert = person(&owner, "bert", &[]).await;
    let path = format!("{USERS}/me/profile");
    let taken = bert
        .put(&path, &json!({ "username": "ADA", "name": "x" }))
        .await
        .expect(409);
    assert_eq!(
        taken.member("message"),
        "A user with this username already exists."
    );
    assert_eq!(fields(&taken), ["username"]);
    let me = bert.get(&format!("{USERS}/me")).await;
    assert_eq!(
        (me.member("username"), me.member("name")),
        ("bert".to_owned(), String::new())
    );
    // Another spelling of the own name is no conflict.
    let updated = bert
        .put(&path, &json!({ "username": "BERT" }))
        .await
        .expect(200);
    assert_eq!(updated.member("username"), "BERT");
}

#[tokio::test]
async fn an_invalid_profile_is_refused_naming_the_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let path = format!("{USERS}/me/profile");
    let refused = owner
        .put(&path, &json!({ "username": "a b", "name": " x" }))
        .await
        .expect(400);
    assert_eq!(fields(&refused), ["username", "name"]);
    let refused = owner.put(&path, &json!({})).await.expect(400);
    assert_eq!(fields(&refused), ["username"]);
}

#[tokio::test]
async fn a_profile_is_changed_by_its_user_and_owners_only() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let path = format!("{USERS}/ada/profile");
    let profile = json!({ "username": "ada", "name": "Ada" });
    owner.put(&path, &profile).await.expect(200);
    for role in ["user-admin", "template-admin"] {
        person(&owner, role, &[role])
            .await
            .put(&path, &profile)
            .await
            .expect(403);
    }
    let member = person(&owner, "member", &[]).await;
    assert_not_found(member.put(&path, &profile).await);
    assert_not_found(
        owner
            .put(&format!("{USERS}/{UNKNOWN}/profile"), &profile)
            .await,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_renames_to_one_name_exactly_one_succeeds() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for name in ["ada", "bert"] {
        create(&owner, name).await;
    }
    let id = async |name: &str| owner.get(&format!("{USERS}/{name}")).await.member("id");
    let (ada, bert) = (id("ada").await, id("bert").await);
    for round in 0..20 {
        let profile = json!({ "username": format!("wanted-{round}") });
        let rename = async |id: &str| {
            let path = format!("{USERS}/{id}/profile");
            owner.put(&path, &profile).await.status.as_u16()
        };
        let mut statuses: [u16; 2] = futures::join!(rename(&ada), rename(&bert)).into();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
    }
}
