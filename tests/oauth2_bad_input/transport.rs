use reqwest::{Method, RequestBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, App, Params, Server, Session};
use crate::{CALLBACK, NOTHING, recorded_by};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form as it is written by hand, percent-escapes and all.
fn written(app: &App, code: &str) -> String {
    format!(
        "grant_type=authorization_code&client_id={}&client_secret={}&code={code}",
        app.id, app.secret
    )
}

fn posted(server: &Server, body: impl Into<reqwest::Body>) -> RequestBuilder {
    server
        .request(Method::POST, "/oauth2/tokens")
        .header("content-type", FORM)
        .body(body)
}

async fn refused(server: &Server, case: &str, request: RequestBuilder, statuses: &[u16]) {
    let (answer, recorded) = recorded_by(server, Answer::to(request)).await;
    assert!(
        statuses.contains(&answer.status.as_u16()),
        "{case}: {answer:#?}"
    );
    answer.expect_oauth2_error(statuses[0], "invalid_request", "");
    assert_eq!(recorded, NOTHING, "{case}");
}

async fn with_code(owner: &Session<'_>) -> (App, String) {
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    (app, code)
}

#[tokio::test]
async fn duplicate_parameters_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, code) = with_code(&owner).await;
    for name in ["grant_type", "client_id", "client_secret", "code"] {
        let form = app.exchange(&code);
        let again = form.get(name).to_owned();
        let form = form.and(name, again);
        refused(
            &server,
            name,
            server
                .request(Method::POST, "/oauth2/tokens")
                .form(form.pairs()),
            &[400],
        )
        .await;
    }
    for name in ["code_verifier", "redirect_uri", "resource"] {
        let form = app
            .exchange(&code)
            .and(name, "https://a.example.com/")
            .and(name, "https://b.example.com/");
        refused(
            &server,
            name,
            server
                .request(Method::POST, "/oauth2/tokens")
                .form(form.pairs()),
            &[400],
        )
        .await;
    }
    server.token(&app.exchange(&code)).await.expect(200);
}

#[tokio::test]
async fn bodies_of_another_type_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, code) = with_code(&owner).await;
    let body = written(&app, &code);
    let post = || server.request(Method::POST, "/oauth2/tokens");
    let json = serde_json::json!({
        "grant_type": "authorization_code", "client_id": app.id, "client_secret": app.secret, "code": code,
    });
    refused(&server, "JSON", post().json(&json), &[400]).await;
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencodedx",
        "",
    ] {
        let request = post()
            .header("content-type", content_type)
            .body(body.clone());
        refused(&server, content_type, request, &[400]).await;
    }
    refused(&server, "no type", post().body(body.clone()), &[400]).await;
    let request = post()
        .header(
            "content-type",
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        )
        .body(body);
    Answer::to(request).await.expect(200);
}

#[tokio::test]
async fn text_that_is_not_utf8_or_has_nul_bytes_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (app, code) = with_code(&owner).await;
    let valid = written(&app, &code);
    for (case, extra) in [
        ("escaped bytes that are not UTF-8", &b"&state=%FF%FE"[..]),
        ("escaped surrogate", b"&state=%ED%A0%80"),
        ("raw bytes that are not UTF-8", b"&state=\xff\xfe"),
        ("escaped NUL", b"&code_verifier=%00"),
        ("raw NUL", b"&code_verifier=\0"),
        ("NUL in a name", b"&a%00b=c"),
        ("bad name", b"&%FF=c"),
    ] {
        let mut body = valid.clone().into_bytes();
        body.extend_from_slice(extra);
        refused(&server, case, posted(&server, body), &[400]).await;
    }
    for escape in ["%FF", "%00"] {
        for name in ["state", "resource", "scope", "redirect_uri", "unknown"] {
            let path = format!(
                "/oauth2/authorize?client_id={}&response_type=code&state=s&{name}={escape}",
                app.id
            );
            let request = owner.request(Method::POST, &path.replace("&state=s&state=", "&state="));
            refused(&server, &format!("{name}={escape}"), request, &[400]).await;
        }
    }
    // In names of apps, too: nothing that PostgreSQL cannot store gets to it.
    for (name, icon) in [("a\0b", ""), ("ab", "\0")] {
        let body = serde_json::json!({ "name": name, "icon": icon, "callback_url": CALLBACK });
        let (answer, recorded) =
            recorded_by(&server, owner.post("/api/v2/oauth2-provider/apps", &body)).await;
        assert_eq!((answer.status.as_u16(), recorded), (400, Vec::new()));
    }
    Answer::to(posted(&server, valid)).await.expect(200);
}

#[tokio::test]
async fn what_no_handler_sees_is_refused_in_the_protocols_words_at_both_paths() {
    let server = Server::start_with(&[("CHANCERY_RATE_LIMIT_TOKEN", "2/h")]).await;
    for base in ["/oauth2", "/api/v2/oauth2"] {
        for (method, path) in [
            (Method::GET, "/authorize?client_id=a%00b"),
            (Method::POST, "/authorize?a%00b=c"),
            (Method::DELETE, "/tokens?client_id=%00"),
            (Method::GET, "/nothing/%FF"),
        ] {
            let path = format!("{base}{path}");
            let answer = Answer::to(server.request(method, &path)).await;
            answer.expect_oauth2_error(400, "invalid_request", "");
        }
        for (method, path, allowed) in [
            (Method::PUT, "/authorize", "GET,HEAD,POST"),
            (Method::GET, "/introspect", "POST"),
        ] {
            let path = format!("{base}{path}");
            let answer = Answer::to(server.request(method, &path)).await;
            let answer = answer.expect_oauth2_error(405, "invalid_request", "");
            assert_eq!(answer.header("allow"), allowed, "{path}");
        }
        let unknown = server.get(&format!("{base}/nothing")).await;
        unknown.expect_oauth2_error(404, "invalid_request", "");
    }
    for path in ["/oauth2/revoke", "/api/v2/oauth2/tokens"] {
        let form = Params::new().and("client_id", "nobody");
        while server.post_form(path, &form).await.status != 429 {}
        let answer = server.post_form(path, &form).await;
        let answer = answer.expect_oauth2_error(429, "temporarily_unavailable", "");
        assert!(!answer.header("retry-after").is_empty(), "{path}");
    }
    // Apps are managed, not spoken to: the management API's words.
    let apps = Answer::to(server.request(Method::PATCH, "/api/v2/oauth2-provider/apps")).await;
    assert!(apps.expect(405).json()["message"].is_string());
}

/// Sends `head` and 10 MiB as far as the server takes them, and returns what it answered.
async fn send_ten_mebibytes(server: &Server, head: &str, chunked: bool) -> String {
    let (mut reader, mut writer) = TcpStream::connect(server.address())
        .await
        .unwrap()
        .into_split();
    let head = head.to_owned();
    let sending = tokio::spawn(async move {
        let block = "x".repeat(64 * 1024);
        let piece = if chunked {
            format!("{:x}\r\n{block}\r\n", block.len())
        } else {
            block
        };
        let mut sent = writer.write_all(head.as_bytes()).await;
        for _ in 0..160 {
            if sent.is_err() {
                break;
            }
            sent = writer.write_all(piece.as_bytes()).await;
        }
        writer
    });
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    // The server may answer early and close on the rest: what it said before counts.
    while let Ok(read @ 1..) = reader.read(&mut buffer).await {
        answer.extend_from_slice(&buffer[..read]);
        if String::from_utf8_lossy(&answer).contains("error_description") {
            break;
        }
    }
    sending.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_of_ten_mebibytes_is_refused_without_being_kept() {
    let server = Server::start().await;
    server.owner().await;
    let head = format!(
        "POST /oauth2/tokens HTTP/1.1\r\nHost: {}\r\nContent-Type: {FORM}\r\n",
        server.address()
    );
    for (framing, chunked) in [
        ("Content-Length: 10485760", false),
        ("Transfer-Encoding: chunked", true),
    ] {
        let request = format!("{head}{framing}\r\n\r\n");
        let (answer, recorded) =
            recorded_by(&server, send_ten_mebibytes(&server, &request, chunked)).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{framing}: {answer}");
        assert!(
            answer.contains("\"error\":\"invalid_request\""),
            "{framing}: {answer}"
        );
        assert_eq!(recorded, NOTHING);
    }
    server.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn malformed_cookies_are_no_session_and_no_fault() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let cookies: [&[u8]; 7] = [
        b"coder_session_token=",
        b"coder_session_token",
        b";;;=;,",
        b"coder_session_token=\"unclosed",
        b"coder_session_token=\xff\xfe",
        b"coder_session_token=a-b-c-d",
        b"coder_session_token=%00%FF; csrf_token=",
    ];
    let query = app.authorization();
    for cookie in cookies {
        let shown = String::from_utf8_lossy(cookie).into_owned();
        let request = |method: Method| {
            let request = server
                .request(method, "/oauth2/authorize")
                .query(query.pairs());
            request
                .header("Accept", "application/json")
                .header("Cookie", cookie)
        };
        for method in [Method::GET, Method::POST] {
            let (answer, recorded) = recorded_by(&server, Answer::to(request(method))).await;
            assert_eq!(answer.status, 401, "{shown}: {answer:#?}");
            assert_eq!(recorded, NOTHING, "{shown}");
        }
    }
}
