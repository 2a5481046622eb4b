use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Recorder, Server};
use crate::{CALLBACK, with_issuer_replaced};

const APPS: &str = "/api/v2/oauth2-provider/apps";
const UNKNOWN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

fn names(list: &Answer) -> Vec<String> {
    let list = list.json();
    let list = list.as_array().expect("a bare array");
    list.iter()
        .map(|app| app["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_app_has_the_wire_shape_of_the_contract() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({ "name": "my-app", "callback_url": CALLBACK, "icon": "/icon/app.svg" });
    let created = owner.post(APPS, &body).await.expect(201);
    let app = with_issuer_replaced(&server, &created.json());
    insta::assert_json_snapshot!("app", app, { ".id" => "[uuid]" });
    Uuid::parse_str(&created.member("id")).unwrap();

    let read = owner
        .get(&format!("{APPS}/{}", created.member("id")))
        .await
        .expect(200);
    assert_eq!(read.json(), created.json());
    assert_eq!(
        owner.get(APPS).await.expect(200).json(),
        json!([created.json()])
    );
}

#[tokio::test]
async fn apps_are_listed_by_name_updated_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner().await;
    assert_eq!(owner.get(APPS).await.expect(200).json(), json!([]));
    for name in ["app-z", "app-b", "App-y", "app-a", "app-x"] {
        owner.create_app(name, CALLBACK).await.expect(201);
    }
    let list = owner.get(APPS).await.expect(200);
    assert_eq!(names(&list), ["app-a", "app-b", "app-x", "App-y", "app-z"]);

    let id = list.json()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("{APPS}/{id}");
    let kept = json!({ "name": "app-a", "callback_url": "https://other.example.com/cb" });
    let updated = owner.put(&path, &kept).await.expect(200);
    assert_eq!(updated.member("name"), "app-a");
    assert_eq!(
        updated.member("callback_url"),
        "https://other.example.com/cb"
    );
    let renamed = json!({ "name": "app-c", "callback_url": CALLBACK, "icon": "/c.svg" });
    owner.put(&path, &renamed).await.expect(200);
    let read = owner.get(&path).await.expect(200);
    assert_eq!(
        (read.member("name"), read.member("icon")),
        ("app-c".to_owned(), "/c.svg".to_owned())
    );
    // A full replacement: what the body leaves out is emptied.
    owner
        .put(&path, &json!({ "name": "app-c", "callback_url": CALLBACK }))
        .await
        .expect(200);
    assert_eq!(owner.get(&path).await.expect(200).member("icon"), "");

    let deleted = owner.delete(&path).await.expect(204);
    assert_eq!(deleted.text, "");
    owner.get(&path).await.expect(404);
    assert_eq!(
        names(&owner.get(APPS).await),
        ["app-b", "app-x", "App-y", "app-z"]
    );
}

#[tokio::test]
async fn two_apps_may_have_one_name() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let first = owner.create_app("same", CALLBACK).await.expect(201);
    let second = owner.create_app("same", CALLBACK).await.expect(201);
    assert_ne!(first.member("id"), second.member("id"));
}

#[tokio::test]
async fn invalid_apps_are_refused_naming_the_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let long = "a".repeat(33);
    let cases = [
        ("NameMissing", "", CALLBACK, "name"),
        ("NameSpaces", "foo bar", CALLBACK, "name"),
        ("NameTooLong", long.as_str(), CALLBACK, "name"),
        ("NameReserved", "new", CALLBACK, "name"),
        ("NameHyphens", "foo--bar", CALLBACK, "name"),
        ("URLMissing", "foo", "", "callback_url"),
        (
            "URLLocalhostNoScheme",
            "foo",
            "localhost:3000",
            "callback_url",
        ),
        ("URLNoScheme", "foo", "coder.com", "callback_url"),
        ("URLNoColon", "foo", "http//coder", "callback_url"),
        ("URLJustBar", "foo", "bar", "callback_url"),
        ("URLPathOnly", "foo", "/bar/baz/qux", "callback_url"),
        ("URLJustHttp", "foo", "http", "callback_url"),
        ("URLNoHost", "foo", "http://", "callback_url"),
        ("URLSpaces", "foo", "bar baz qux", "callback_url"),
        ("URLScript", "foo", "javascript:alert(1)", "callback_url"),
        (
            "URLFragment",
            "foo",
            "https://app.example.com/cb#here",
            "callback_url",
        ),
    ];
    let existing = owner.create_app("existing", CALLBACK).await.expect(201);
    let path = format!("{APPS}/{}", existing.member("id"));
    for (case, name, callback_url, field) in cases {
        let body = json!({ "name": name, "callback_url": callback_url });
        for answer in [owner.post(APPS, &body).await, owner.put(&path, &body).await] {
            assert_eq!(answer.status, 400, "{case}: {answer:#?}");
            assert_eq!(answer.member("message"), "Validation failed.", "{case}");
            let validations = answer.json()["validations"].clone();
            assert_eq!(validations[0]["field"], field, "{case}: {validations}");
            assert!(
                validations[0]["detail"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{case}"
            );
        }
    }
    assert_eq!(owner.get(&path).await.expect(200).json(), existing.json());
    assert_eq!(names(&owner.get(APPS).await), ["existing"]);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let request = owner
        .request(Method::POST, APPS)
        .header("content-type", "application/json")
        .body("{");
    let answer = Answer::to(request).await.expect(400);
    assert_eq!(answer.member("message"), "Request body must be valid JSON.");
    answer.member("detail");
}

#[tokio::test]
async fn unknown_apps_are_not_found_and_malformed_ids_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({ "name": "app", "callback_url": CALLBACK });
    for (id, status) in [(UNKNOWN, 404), ("not-a-uuid", 400)] {
        let path = format!("{APPS}/{id}");
        let answers = [
            owner.get(&path).await,
            owner.put(&path, &body).await,
            owner.delete(&path).await,
            owner.get(&format!("{path}/secrets")).await,
            owner.post(&format!("{path}/secrets"), &Value::Null).await,
        ];
        for answer in answers {
            assert!(!answer.expect(status).member("message").is_empty());
        }
    }
}

#[tokio::test]
async fn the_list_by_user_has_the_apps_that_hold_a_token_of_that_user() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let other = Recorder::open(&server).await.member("other").await;
    let filtered = |user: &str| format!("{APPS}?user_id={user}");
    let app = owner.app("used", CALLBACK).await;
    owner.app("unused", CALLBACK).await;
    assert_eq!(
        owner
            .get(&filtered(&owner.user_id))
            .await
            .expect(200)
            .json(),
        json!([])
    );

    app.tokens(&owner).await;
    assert_eq!(
        names(&owner.get(&filtered(&owner.user_id)).await.expect(200)),
        ["used"]
    );
    assert_eq!(
        owner
            .get(&filtered(&other.user_id))
            .await
            .expect(200)
            .json(),
        json!([])
    );

    let answer = owner.get(&filtered("nobody")).await.expect(400);
    assert_eq!(answer.member("message"), "Invalid user UUID");
}

#[tokio::test]
async fn members_read_apps_but_only_owners_change_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let member = Recorder::open(&server).await.member("member").await;
    let app = owner.app("app", CALLBACK).await;
    let path = format!("{APPS}/{}", app.id);
    member.get(APPS).await.expect(200);
    member.get(&path).await.expect(200);
    let body = json!({ "name": "mine", "callback_url": CALLBACK });
    let secret = format!("{path}/secrets/{}", app.secret_id);
    let refused = [
        member.post(APPS, &body).await,
        member.put(&path, &body).await,
        member.delete(&path).await,
        member.get(&format!("{path}/secrets")).await,
        member.post(&format!("{path}/secrets"), &Value::Null).await,
        member.delete(&secret).await,
    ];
    for answer in refused {
        assert_eq!(answer.expect(403).member("message"), "Forbidden.");
    }
    assert_eq!(owner.get(&path).await.expect(200).member("name"), "app");
}

#[tokio::test]
async fn nobody_manages_apps_without_signing_in() {
    let server = Server::start().await;
    let answer = server.get(APPS).await.expect(401);
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("Bearer realm=\"coder\""),
        "{answer:#?}"
    );
    let request = server
        .request(Method::POST, APPS)
        .json(&json!({ "name": "a", "callback_url": CALLBACK }));
    Answer::to(request).await.expect(401);
}
