use reqwest::Method;

use crate::CALLBACK;
use crate::support::{Answer, EventCounts, Params, Pkce, RESOURCE, Server};

#[tokio::test]
async fn the_consent_page_shows_who_asks_for_what_and_never_issues_a_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner
        .app("roll-of-tools", "http://localhost:9876/callback")
        .await;
    let query = Pkce::rfc7636()
        .asked(app.authorization())
        .and("redirect_uri", "http://localhost:5432/callback")
        .and("resource", RESOURCE)
        .and("scope", "tools.read tools.call");
    let before = EventCounts::of(server.pool()).await;
    let page = owner.consent_page(&query).await.expect(200);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{page:#?}"
    );
    for shown in [
        "roll-of-tools",
        "localhost:5432",
        RESOURCE,
        "tools.read",
        "tools.call",
        "owner",
    ] {
        assert!(page.text.contains(shown), "{shown} is not in {}", page.text);
    }
    for id in [
        "id=\"allow-form\"",
        "id=\"cancel-link\"",
        "name=\"csrf_token\"",
        "method=\"post\"",
    ] {
        assert!(
            page.text.to_lowercase().contains(id),
            "{id} is not in {}",
            page.text
        );
    }
    assert_eq!(before.until(&EventCounts::of(server.pool()).await), [""; 0]);
}

#[tokio::test]
async fn pages_may_run_no_inline_script_and_may_not_be_framed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let consent = owner.consent_page(&app.authorization()).await.expect(200);
    let refusal = owner
        .consent_page(&app.authorization().without("response_type"))
        .await
        .expect(400);
    let sign_in = server.get("/login").await.expect(200);
    for page in [consent, refusal, sign_in] {
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        assert!(
            !page.text.contains("<script>")
                && !page.text.contains(" style=")
                && !page.text.contains("onclick")
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(
            page.header("cache-control").contains("no-store"),
            "{page:#?}"
        );
        assert!(!page.header("referrer-policy").is_empty(), "{page:#?}");
    }
}

#[tokio::test]
async fn names_are_shown_as_text_not_as_html() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let query = app
        .authorization()
        .and("resource", "https://tools.example.com/\"><b>bold</b>");
    let page = owner.consent_page(&query).await;
    assert!(!page.text.contains("<b>bold"), "{}", page.text);
    let query = app.authorization().and("scope", "<i>italic</i>");
    let page = owner.consent_page(&query).await;
    assert!(!page.text.contains("<i>italic"), "{}", page.text);
}

#[tokio::test]
async fn a_browser_without_a_session_is_sent_to_sign_in_and_back() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let query = app.authorization();
    let browser = |accept: &str| {
        let request = server
            .request(Method::GET, "/oauth2/authorize")
            .query(query.pairs());
        request.header("Accept", accept)
    };
    let answer = Answer::to(browser("text/html,application/xhtml+xml;q=0.9"))
        .await
        .expect(303);
    let target = reqwest::Url::parse(&server.url())
        .unwrap()
        .join(answer.header("location"))
        .unwrap();
    assert_eq!(target.path(), "/login");
    let redirect = target
        .query_pairs()
        .find(|(name, _)| name == "redirect")
        .expect("the way back")
        .1
        .into_owned();
    let back = reqwest::Url::parse(&server.url())
        .unwrap()
        .join(&redirect)
        .unwrap();
    assert_eq!(back.path(), "/oauth2/authorize");
    let returned: Vec<_> = back.query_pairs().into_owned().collect();
    assert_eq!(returned, query.pairs());
    assert!(
        target
            .query_pairs()
            .any(|(name, value)| name == "message" && !value.is_empty())
    );

    Answer::to(browser("application/json")).await.expect(401);
    let post = server
        .request(Method::POST, "/oauth2/authorize")
        .query(query.pairs());
    let answer = Answer::to(post.header("Accept", "application/json"))
        .await
        .expect(401);
    assert!(
        answer.header("www-authenticate").contains("invalid_token"),
        "{answer:#?}"
    );
}

#[tokio::test]
async fn an_invalid_request_gets_a_page_that_lists_every_mistake() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let query = Params::new()
        .and("client_id", &app.id)
        .and("redirect_uri", "https://evil.example.com/");
    let page = owner.consent_page(&query).await.expect(400);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.header("location"), "");
    for said in [
        "Invalid Query Parameters",
        "One or more query parameters are missing or invalid.",
    ] {
        assert!(page.text.contains(said), "{said:?} is not in {}", page.text);
    }
    for parameter in ["response_type", "state", "redirect_uri"] {
        assert!(
            page.text.contains(parameter),
            "{parameter} is not in {}",
            page.text
        );
    }
}
