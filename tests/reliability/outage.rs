use std::time::Duration;

use chancery_postgres::testing;
use reqwest::Method;
use sqlx::ConnectOptions;

use crate::CALLBACK;
use crate::support::{Answer, App, Server, Session, Tokens};

/// While PostgreSQL is away nobody waits longer than this for the refusal.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Questions that are answered in different ways.
const LOOKS: [&str; 6] = [
    "/api/v2/users/me",
    "/api/v2/users",
    "/api/v2/organizations/default/groups",
    "/api/v2/organizations/default/groups?as_of=1",
    "/api/v2/audit",
    "/api/v2/oauth2-provider/apps",
];

/// One authorization and exchange; what was not 2xx or 3xx, if anything.
async fn attempt(owner: &Session<'_>, app: &App) -> Result<Tokens, Answer> {
    let authorized = owner.authorize(&app.authorization()).await;
    if authorized.status != 302 {
        return Err(authorized);
    }
    let code = authorized.redirected("code").unwrap();
    let answer = owner.server.token(&app.exchange(&code)).await;
    if answer.status != 200 {
        return Err(answer);
    }
    Ok(serde_json::from_value(answer.json()).unwrap())
}

/// A request that fails because of the database says so: 503, with the time after which to come again.
pub fn assert_clear(refused: &Answer) {
    assert_eq!(refused.status, 503, "{refused:#?}");
    assert!(!refused.header("retry-after").is_empty(), "{refused:#?}");
    let body = refused.json();
    assert!(
        body["message"].is_string() || body["error_description"].is_string(),
        "{body}"
    );
}

async fn attempt_until_it_works(owner: &Session<'_>, app: &App) -> Tokens {
    loop {
        match attempt(owner, app).await {
            Ok(tokens) => return tokens,
            Err(refused) => assert_clear(&refused),
        }
    }
}

#[tokio::test]
async fn postgresql_stopped_and_started_under_load_fails_clearly_and_recovers_without_a_restart() {
    let mut cluster = testing::cluster().await;
    let url = cluster.options().to_url_lossy().to_string();
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_DATABASE_URL", &url),
    ])
    .await;
    let owner = server.owner().await;
    let app = owner.shared_app("app", CALLBACK).await;
    let before = attempt(&owner, &app).await.unwrap();
    let process = server.process_id();

    for _ in 0..3 {
        let clients = futures::future::join_all((0..8).map(|_| async {
            loop {
                if let Err(refused) = attempt(&owner, &app).await {
                    assert_clear(&refused);
                    return;
                }
            }
        }));
        let (_, ()) = tokio::time::timeout(PATIENCE, async {
            tokio::join!(clients, async { cluster.stop().await })
        })
        .await
        .expect("requests should fail while PostgreSQL is away, not hang");
        assert_eq!(server.get("/healthz").await.status, 200);
        let ready = server.get("/readyz").await;
        assert_eq!(ready.status, 503, "{ready:#?}");

        cluster.start().await;
        let tokens = tokio::time::timeout(PATIENCE, async {
            let tokens = attempt_until_it_works(&owner, &app).await;
            // Tokens rest on the log alone; what is read about users rests on read models, which come back after it.
            while tokens.status(&server).await == 503 {}
            tokens
        })
        .await
        .expect("the server should recover by itself");
        assert_eq!(tokens.status(&server).await, 200);
        assert_eq!(before.status(&server).await, 200);
    }
    assert_eq!(server.process_id(), process);
    let told = server.logs().matches("requests cannot be answered").count();
    assert!((1..=3 * 16).contains(&told), "{}", server.logs());
    let request = server
        .request(Method::GET, "/api/v2/audit")
        .header("Coder-Session-Token", &owner.token);
    Answer::to(request).await.expect(200);
}

#[tokio::test]
async fn a_server_told_to_stop_ends_though_its_database_has_gone_silent() {
    let cluster = testing::cluster().await;
    let proxy = testing::Proxy::start(&cluster.options()).await;
    let url = proxy.options().to_url_lossy().to_string();
    let mut server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_DATABASE_URL", &url),
        ("CHANCERY_SHUTDOWN_GRACE", "1s"),
    ])
    .await;
    server.owner().await;
    proxy.mute();
    // In vain: it waits for an answer when the server is told to stop.
    let (address, http) = (server.at("/api/v2/users/me"), reqwest::Client::new());
    let asking = tokio::spawn(async move { http.get(address).send().await.map(drop) });
    let status = tokio::time::timeout(PATIENCE, server.stop())
        .await
        .expect("the server should end by itself");
    assert!(status.success(), "{}", server.logs());
    drop(asking.await);
}

#[tokio::test]
async fn a_server_whose_answers_from_the_database_were_lost_serves_again_by_itself() {
    let cluster = testing::cluster().await;
    let proxy = testing::Proxy::start(&cluster.options()).await;
    let url = proxy.options().to_url_lossy().to_string();
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_DATABASE_URL", &url),
    ])
    .await;
    let owner = server.owner().await;
    let app = owner.shared_app("app", CALLBACK).await;
    attempt(&owner, &app).await.unwrap();
    proxy.mute();
    // Whatever waits for the database: streams, keys, read models of every kind, the past, the append itself.
    let group = serde_json::json!({ "name": "council" });
    let (asked, _, _) = tokio::time::timeout(PATIENCE, async {
        tokio::join!(
            futures::future::join_all(LOOKS.map(|path| owner.get(path))),
            owner.post("/api/v2/organizations/default/groups", &group),
            server.get("/readyz"),
        )
    })
    .await
    .expect("every wait should end");
    for answer in asked.iter().filter(|answer| answer.status != 200) {
        assert_clear(answer);
    }
    tokio::time::timeout(PATIENCE, attempt_until_it_works(&owner, &app))
        .await
        .expect("the server should recover by itself");
    assert_eq!(server.get("/readyz").await.status, 200);
}

/// Sets whether new transactions on the server's database may write, for sessions of everybody.
async fn set_read_only(server: &Server, is_read_only: bool) {
    let mut connection = server.database().options().connect().await.unwrap();
    let (name,): (String,) = sqlx::query_as("SELECT current_database()::text")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let setting =
        format!("ALTER DATABASE {name} SET default_transaction_read_only = {is_read_only}");
    for statement in [
        "SET default_transaction_read_only = off",
        &setting,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    ] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_server_says_that_its_database_takes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let groups = "/api/v2/organizations/default/groups";
    set_read_only(&server, true).await;
    let told = tokio::time::timeout(PATIENCE, async {
        loop {
            let ready = server.get("/readyz").await;
            if ready.status == 503 && ready.json()["database"] == true {
                return ready.json();
            }
        }
    });
    let told = told.await.expect("the server should tell");
    assert_eq!(told["read_only"], "PostgreSQL is set to be read only.");
    assert_eq!(told["ready"], false);
    assert!(
        server
            .metrics()
            .await
            .contains("chancery_database_writable 0")
    );
    let refused = owner
        .post(groups, &serde_json::json!({ "name": "council" }))
        .await;
    assert_clear(&refused);
    set_read_only(&server, false).await;
    let recovered = tokio::time::timeout(PATIENCE, async {
        while server.get("/readyz").await.status != 200 {}
        while owner
            .post(groups, &serde_json::json!({ "name": "council" }))
            .await
            .status
            != 201
        {}
    });
    recovered
        .await
        .expect("the server should recover by itself");
    assert!(
        server
            .metrics()
            .await
            .contains("chancery_database_writable 1")
    );
}
