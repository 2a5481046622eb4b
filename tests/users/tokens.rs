use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, Session};
use crate::{assert_not_found, create, fields, person};

const TOKENS: &str = "/api/v2/users/me/keys/tokens";
const KEYS: &str = "/api/v2/users/me/keys";
const HOUR: u64 = 3_600_000_000_000;

fn id_of(key: &str) -> &str {
    key.split_once('-').expect("an API key").0
}

#[tokio::test]
async fn a_token_has_the_wire_shape_of_the_contract() {
    let server = Server::start().await;
    let owner = server.owner().await;
    assert_eq!(owner.get(TOKENS).await.expect(200).json(), json!([]));
    let body = json!({ "lifetime": HOUR, "scope": "all", "token_name": "laptop" });
    let created = owner.post(TOKENS, &body).await.expect(201);
    let key = created.member("key");
    assert_eq!(created.json(), json!({ "key": key }));

    let by_id = owner
        .get(&format!("{KEYS}/{}", id_of(&key)))
        .await
        .expect(200);
    insta::assert_json_snapshot!("api_key", by_id.json(), {
        ".id" => "[id]",
        ".user_id" => "[uuid]",
        ".last_used" => "[time]",
        ".expires_at" => "[time]",
        ".created_at" => "[time]",
        ".updated_at" => "[time]",
    });
    let by_name = owner.get(&format!("{TOKENS}/laptop")).await.expect(200);
    assert_eq!(by_name.json(), by_id.json());
    let listed = owner.get(TOKENS).await.expect(200).json();
    let mut expected = by_id.json();
    expected["username"] = json!("owner");
    assert_eq!(listed, json!([expected]));
    assert_eq!(Session::of(&server, key).await.user_id, owner.user_id);
}

#[tokio::test]
async fn a_token_without_a_name_gets_one_and_a_taken_name_is_a_conflict() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for _ in 0..2 {
        owner.post(TOKENS, &json!({})).await.expect(201);
    }
    let listed = owner.get(TOKENS).await.json();
    let name = |n: usize| listed[n]["token_name"].as_str().unwrap().to_owned();
    assert!(!name(0).is_empty() && name(0) != name(1), "{listed}");
    let laptop = json!({ "token_name": "laptop" });
    let first = owner.post(TOKENS, &laptop).await.expect(201).member("key");
    let refused = owner.post(TOKENS, &laptop).await.expect(409);
    assert_eq!(
        refused.member("message"),
        "A token with name \"laptop\" already exists."
    );
    assert_eq!(fields(&refused), ["token_name"]);
    // Another user may use the name, and so may the same one once the token is gone.
    person(&owner, "ada", &[])
        .await
        .post(TOKENS, &laptop)
        .await
        .expect(201);
    owner
        .delete(&format!("{KEYS}/{}", id_of(&first)))
        .await
        .expect(204);
    owner.post(TOKENS, &laptop).await.expect(201);
}

#[tokio::test]
async fn a_lifetime_is_positive_and_at_most_what_the_configuration_says() {
    let settings = [
        ("CHANCERY_MAX_TOKEN_LIFETIME", "2h"),
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
    ];
    let server = Server::start_with(&settings).await;
    let owner = server.owner().await;
    let config = owner
        .get(&format!("{TOKENS}/tokenconfig"))
        .await
        .expect(200)
        .json();
    assert_eq!(config, json!({ "max_token_lifetime": 2 * HOUR }));
    for (lifetime, status) in [
        (json!(HOUR), 201),
        (json!(2 * HOUR), 201),
        (json!(2 * HOUR + 1), 400),
        (json!(-1), 400),
    ] {
        let answer = owner
            .post(TOKENS, &json!({ "lifetime": lifetime }))
            .await
            .expect(status);
        if status == 400 {
            assert_eq!(
                answer.member("message"),
                "Failed to validate create API key request."
            );
            assert!(answer.member("detail").contains("lifetime"));
        }
    }
    let listed = owner.get(TOKENS).await.json();
    assert_eq!(listed[0]["lifetime_seconds"], 3600);
    let refused = owner
        .post(TOKENS, &json!({ "scope": "everything" }))
        .await
        .expect(400);
    assert_eq!(fields(&refused), ["scope"]);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_still_listed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let created = owner
        .post(TOKENS, &json!({ "lifetime": 1_000_000_000 }))
        .await
        .expect(201);
    let key = created.member("key");
    let request = || {
        server
            .request(reqwest::Method::GET, "/api/v2/users/me")
            .header("Coder-Session-Token", &key)
    };
    loop {
        let answer = crate::support::Answer::to(request()).await;
        if answer.status.as_u16() == 401 {
            assert!(answer.member("detail").starts_with("API key expired at"));
            break;
        }
    }
    assert_eq!(
        owner.get(TOKENS).await.expect(200).json()[0]["id"],
        id_of(&key)
    );
}

#[tokio::test]
async fn a_deleted_key_is_refused_and_unknown() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let key = ada.post(KEYS, &json!({})).await.expect(201).member("key");
    let session = Session::of(&server, key.clone()).await;
    // Sessions are no tokens.
    assert_eq!(ada.get(TOKENS).await.expect(200).json(), json!([]));
    let path = format!("{KEYS}/{}", id_of(&key));
    assert_eq!(ada.delete(&path).await.expect(204).text, "");
    session.get("/api/v2/users/me").await.expect(401);
    assert_not_found(ada.get(&path).await);
    assert_not_found(ada.delete(&path).await);
    assert_not_found(ada.get(&format!("{TOKENS}/unknown")).await);
}

#[tokio::test]
async fn a_session_like_key_is_made_by_a_session_and_not_by_a_token() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = owner
        .post(TOKENS, &json!({}))
        .await
        .expect(201)
        .member("key");
    let token = Session::of(&server, token).await;
    token.post(KEYS, &json!({})).await.expect(403);
    token.post(TOKENS, &json!({})).await.expect(201);
}

#[tokio::test]
async fn keys_are_for_their_user_and_owners_and_unknown_to_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let key = ada
        .post(TOKENS, &json!({ "token_name": "mine" }))
        .await
        .expect(201)
        .member("key");
    let member = person(&owner, "member", &[]).await;
    let admin = person(&owner, "admin", &["user-admin"]).await;
    let path = |rest: &str| format!("/api/v2/users/ada/keys{rest}");
    let by_id = path(&format!("/{}", id_of(&key)));
    for outsider in [&member, &admin] {
        for read in [
            path("/tokens"),
            path("/tokens/mine"),
            path("/tokens/tokenconfig"),
            by_id.clone(),
        ] {
            assert_not_found(outsider.get(&read).await);
        }
        for create in [path("/tokens"), path("")] {
            assert_not_found(outsider.post(&create, &json!({})).await);
        }
        assert_not_found(outsider.delete(&by_id).await);
    }
    // A key of one user is not found under another.
    assert_not_found(owner.get(&format!("{KEYS}/{}", id_of(&key))).await);
    assert_eq!(
        owner.get(&path("/tokens")).await.expect(200).json()[0]["token_name"],
        "mine"
    );
    owner
        .post(&path("/tokens"), &json!({ "token_name": "given" }))
        .await
        .expect(201);
    owner.delete(&by_id).await.expect(204);
}

#[tokio::test]
async fn everyones_tokens_are_listed_for_owners_alone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    ada.post(TOKENS, &json!({ "token_name": "one" }))
        .await
        .expect(201);
    owner
        .post(TOKENS, &json!({ "token_name": "two" }))
        .await
        .expect(201);
    let every = format!("{TOKENS}?include_all=true");
    let listed = owner.get(&every).await.expect(200).json();
    let owners = |token: &Value| (token["username"].clone(), token["token_name"].clone());
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(owners).collect();
    assert_eq!(
        listed,
        [(json!("ada"), json!("one")), (json!("owner"), json!("two"))]
    );
    ada.get(&every).await.expect(403);
    let own = ada
        .get(&format!("{TOKENS}?include_all=false"))
        .await
        .expect(200)
        .json();
    assert_eq!(own.as_array().unwrap().len(), 1);
    owner
        .get(&format!("{TOKENS}?include_all=maybe"))
        .await
        .expect(400);
}

#[tokio::test]
async fn a_use_shows_as_last_used_and_last_seen() {
    let mut server = Server::start().await;
    let (id, user) = {
        let owner = server.owner().await;
        let user = create(&owner, "ada").await;
        let ada = server.sign_in("ada@example.com", PASSWORD).await;
        let key = ada.post(TOKENS, &json!({})).await.expect(201).member("key");
        let token = Session::of(&server, key.clone()).await;
        token.get("/api/v2/users/me").await.expect(200);
        (id_of(&key).to_owned(), user.json())
    };
    // The stamps that wait in memory are written at the latest when the server stops.
    assert!(server.stop().await.success());
    server.run().await;
    let ada = server.sign_in("ada@example.com", PASSWORD).await;
    let key = ada.get(&format!("{KEYS}/{id}")).await.expect(200).json();
    assert!(
        key["last_used"].as_str() > key["created_at"].as_str(),
        "{key}"
    );
    let me = ada.get("/api/v2/users/me").await.expect(200).json();
    assert!(
        me["last_seen_at"].as_str() > user["created_at"].as_str(),
        "{me}"
    );
}
