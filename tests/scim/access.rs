use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use crate::support::{Answer, Server, UNKNOWN};
use crate::{KEY, USERS, ask, sent, server};

const CONFIG: &str = "/scim/v2/ServiceProviderConfig";
const DISABLED: &str =
    "SCIM is disabled, please contact your administrator if you believe this is an error";

/// Every operation.
fn operations() -> [(Method, String); 6] {
    let one = format!("{USERS}/{UNKNOWN}");
    [
        (Method::GET, CONFIG.to_owned()),
        (Method::GET, USERS.to_owned()),
        (Method::POST, USERS.to_owned()),
        (Method::GET, one.clone()),
        (Method::PUT, one.clone()),
        (Method::PATCH, one),
    ]
}

#[tokio::test]
async fn without_a_key_there_is_no_scim() {
    let server = Server::start().await;
    let mut paths = operations().to_vec();
    paths.push((Method::GET, "/scim/v2/Schemas".to_owned()));
    paths.push((Method::GET, "/scim".to_owned()));
    for (method, path) in paths {
        let answer = ask(&server, method, &path, Some(&json!({}))).await;
        let answer = answer.expect_error(404, DISABLED);
        assert!(
            answer.member("detail").contains("CHANCERY_SCIM_KEY"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn whoever_does_not_show_the_key_is_refused() {
    let server = server().await;
    let longer = format!("{KEY}0");
    let basic = format!("Basic {KEY}");
    for shown in [
        None,
        Some(""),
        Some("wrong"),
        Some(&*longer),
        Some(&*basic),
        Some("Bearer "),
        Some("Bearer"),
    ] {
        for (method, path) in &operations()[1..] {
            let mut request = server
                .request(method.clone(), path)
                .json(&sent("ada", true));
            if let Some(shown) = shown {
                request = request.header(AUTHORIZATION, shown);
            }
            let answer = Answer::to(request).await;
            answer.expect_scim_error(401, "invalidAuthorization", "invalid authorization");
        }
    }
    let owner = server.owner().await;
    let answer = owner.get(USERS).await;
    answer.expect_scim_error(401, "invalidAuthorization", "invalid authorization");
}

#[tokio::test]
async fn the_key_is_shown_bare_or_as_a_bearer_token_in_any_case() {
    let server = server().await;
    for shown in [
        KEY.to_owned(),
        format!("beAreR {KEY}"),
        format!("Bearer {KEY}"),
    ] {
        let request = server
            .request(Method::GET, USERS)
            .header(AUTHORIZATION, shown);
        Answer::to(request).await.expect(200);
    }
}

#[tokio::test]
async fn what_the_dialect_can_do_is_for_anybody_to_see() {
    let server = server().await;
    for path in [CONFIG, "/api/v2/scim/v2/ServiceProviderConfig"] {
        let answer = server.get(path).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        let mut config = answer.json();
        let location = config["meta"]["location"].as_str().unwrap().to_owned();
        assert!(location.ends_with(CONFIG), "{location}");
        config["meta"]["location"] = "[access URL]/scim/v2/ServiceProviderConfig".into();
        insta::assert_json_snapshot!("service_provider_config", config);
    }
}

#[tokio::test]
async fn lists_are_empty_and_nobody_is_shown() {
    let server = server().await;
    let made = crate::provision(&server, &sent("ada", true)).await;
    for query in [
        "",
        "?filter=userName%20eq%20%22ada%22",
        "?startIndex=7&count=0",
    ] {
        let answer = ask(&server, Method::GET, &format!("{USERS}{query}"), None).await;
        let answer = answer.expect(200);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        assert_eq!(
            answer.text.strip_suffix('\n').unwrap(),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0}"#
        );
    }
    for id in [made["id"].as_str().unwrap(), UNKNOWN, "ada"] {
        let answer = ask(&server, Method::GET, &format!("{USERS}/{id}"), None).await;
        answer.expect_scim_error(404, "notFound", "endpoint will always return 404");
    }
}

#[tokio::test]
async fn there_is_nothing_else_below() {
    let server = server().await;
    for path in [
        "/scim/v2/Schemas",
        "/scim/v2/Groups?x=1",
        "/scim/v1/Users",
        "/scim",
    ] {
        let answer = server.get(path).await;
        let answer = answer.expect_error(404, &format!("SCIM endpoint not found: {path}"));
        assert!(!answer.member("detail").is_empty());
    }
    let one = format!("{USERS}/{UNKNOWN}");
    ask(&server, Method::DELETE, &one, None).await.expect(405);
}

#[tokio::test]
async fn the_key_is_in_no_log_and_no_event() {
    let server = server().await;
    crate::provision(&server, &sent("ada", true)).await;
    let wrong = "a-key-that-was-tried-0123456789";
    let request = server.request(Method::GET, USERS).bearer_auth(wrong);
    Answer::to(request).await.expect(401);
    let events: Vec<String> = sqlx::query_scalar("SELECT e::text FROM events AS e")
        .fetch_all(server.pool())
        .await
        .unwrap();
    for text in events.iter().chain([&server.logs()]) {
        assert!(!text.contains(KEY) && !text.contains(wrong), "{text}");
    }
}
