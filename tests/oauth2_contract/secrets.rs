use serde_json::{Value, json};
use uuid::Uuid;

use crate::CALLBACK;
use crate::support::{App, Server, Session};

const APPS: &str = "/api/v2/oauth2-provider/apps";

fn secrets_of(app: &App) -> String {
    format!("{APPS}/{}/secrets", app.id)
}

async fn list(owner: &Session<'_>, app: &App) -> Vec<Value> {
    let list = owner.get(&secrets_of(app)).await.expect(200).json();
    list.as_array().expect("a bare array").clone()
}

#[tokio::test]
async fn secrets_are_shown_whole_once_and_by_their_end_afterwards() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let mut made = vec![(app.secret_id.clone(), app.secret.clone())];
    for _ in 0..4 {
        let answer = owner
            .post(&secrets_of(&app), &Value::Null)
            .await
            .expect(201);
        made.push((answer.member("id"), answer.member("client_secret_full")));
    }
    let listed = list(&owner, &app).await;
    assert_eq!(listed.len(), 5);
    for (listed, (id, full)) in listed.iter().zip(&made) {
        let shown = listed["client_secret_truncated"].as_str().unwrap();
        assert_eq!((listed["id"].as_str(), shown.len()), (Some(id.as_str()), 6));
        assert!(full.ends_with(shown), "in the order of their creation");
        assert_eq!(listed["last_used_at"], Value::Null);
        let parts: Vec<_> = full.split('_').map(str::len).collect();
        assert_eq!(parts, ["coder".len(), 10, 40]);
    }
    insta::assert_json_snapshot!("secret_listed", listed[0], {
        ".id" => "[uuid]", ".client_secret_truncated" => "[6 characters]",
    });

    owner
        .delete(&format!("{}/{}", secrets_of(&app), made[2].0))
        .await
        .expect(204);
    let left: Vec<_> = list(&owner, &app)
        .await
        .iter()
        .map(|secret| secret["id"].clone())
        .collect();
    assert_eq!(left, [0, 1, 3, 4].map(|n| Value::String(made[n].0.clone())));

    owner
        .delete(&format!("{APPS}/{}", app.id))
        .await
        .expect(204);
    owner.get(&secrets_of(&app)).await.expect(404);
}

#[tokio::test]
async fn a_used_secret_says_when() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    app.tokens(&owner).await;
    let used = list(&owner, &app).await[0]["last_used_at"].clone();
    assert!(
        used.as_str()
            .is_some_and(|time| time.starts_with("20") && time.ends_with('Z')),
        "{used}"
    );
}

#[tokio::test]
async fn a_secret_is_deleted_only_under_its_own_app() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, other) = (
        owner.app("app", CALLBACK).await,
        owner.app("other", CALLBACK).await,
    );
    let foreign = owner
        .delete(&format!("{}/{}", secrets_of(&app), other.secret_id))
        .await
        .expect(400);
    assert_eq!(
        foreign.member("message"),
        "App ID does not match secret app ID."
    );
    let unknown = Uuid::from_u128(7);
    owner
        .delete(&format!("{}/{unknown}", secrets_of(&app)))
        .await
        .expect(404);
    owner
        .delete(&format!("{}/not-a-uuid", secrets_of(&app)))
        .await
        .expect(400);
    owner
        .delete(&format!("{APPS}/{unknown}/secrets/{}", app.secret_id))
        .await
        .expect(404);
    assert_eq!(list(&owner, &app).await.len(), 1);
    assert_eq!(list(&owner, &other).await.len(), 1);
}

#[tokio::test]
async fn a_client_may_have_several_secrets_at_work_at_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let second = owner
        .post(&secrets_of(&app), &json!({}))
        .await
        .expect(201)
        .member("client_secret_full");
    for secret in [&app.secret, &second] {
        let code = owner.code(&app.authorization()).await;
        server
            .token(&app.exchange(&code).with("client_secret", secret))
            .await
            .expect(200);
    }
}
