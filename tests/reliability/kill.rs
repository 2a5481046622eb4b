use std::collections::HashSet;

use crate::CALLBACK;
use crate::proof;
use crate::support::{Answer, App, OWNER_EMAIL, PASSWORD, Server, Session, Tokens};

/// What a client knows of a code after the server died under its exchanges.
#[derive(Default)]
struct Seen {
    tokens: Vec<Tokens>,
    /// Codes whose exchange was answered or may have been carried out.
    codes: Vec<String>,
}

/// Exchanges codes until the connection fails. One token per answered exchange.
async fn exchange_until_the_server_dies(server: &Server, session: &str, app: &App) -> Seen {
    let mut seen = Seen::default();
    loop {
        let request = server
            .request(reqwest::Method::POST, "/oauth2/authorize")
            .header("Coder-Session-Token", session)
            .query(app.authorization().pairs());
        let Ok(answer) = Answer::try_to(request).await else {
            return seen;
        };
        let code = answer.expect(302).redirected("code").unwrap();
        seen.codes.push(code.clone());
        let request = server
            .request(reqwest::Method::POST, "/oauth2/tokens")
            .form(app.exchange(&code).pairs());
        let Ok(answer) = Answer::try_to(request).await else {
            return seen;
        };
        let tokens = serde_json::from_value(answer.expect(200).json()).unwrap();
        seen.tokens.push(tokens);
    }
}

/// SIGKILL in the middle of concurrent exchanges, again and again: every token that was answered works after the restart, and no code
/// works twice.
#[tokio::test]
async fn twenty_kills_lose_no_answered_token_and_let_no_code_work_twice() {
    const KILLS: usize = 20;
    const CLIENTS: usize = 8;
    let mut server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.shared_app("app", CALLBACK).await;
    let session = owner.token.clone();
    let mut used: HashSet<String> = HashSet::new();
    for round in 0..KILLS {
        let before = exchanged(&server).await;
        let clients = futures::future::join_all(
            (0..CLIENTS).map(|_| exchange_until_the_server_dies(&server, &session, &app)),
        );
        // The blow falls once exchanges of this round are recorded, at another number of them each time.
        let wanted = before + 1 + i64::try_from(round * 3 % 17).unwrap();
        let process = server.process_id();
        let blow = async {
            while exchanged(&server).await < wanted {
                tokio::task::yield_now().await;
            }
            let killed = tokio::process::Command::new("kill")
                .args(["-KILL", &process.to_string()])
                .status()
                .await;
            assert!(killed.unwrap().success());
        };
        let (seen, ()) = tokio::join!(clients, blow);
        server.kill().await;
        server.run().await;

        for tokens in seen.iter().flat_map(|seen| &seen.tokens) {
            assert_eq!(tokens.status(&server).await, 200, "round {round}");
            assert!(
                used.insert(tokens.access_token.clone()),
                "a token was handed out twice"
            );
        }
        for seen in &seen {
            let Some(last) = seen.codes.last() else {
                continue;
            };
            // Answered or not, the code works at most once over both lives of the server.
            let again = server.token(&app.exchange(last)).await.status.as_u16();
            let third = server.token(&app.exchange(last)).await.status.as_u16();
            assert_eq!(third, 400);
            let answered = seen.tokens.len() == seen.codes.len();
            assert!(
                again == 400 || !answered,
                "round {round}: a code worked twice"
            );
        }
    }
    proof::of_the_ledger(&server).await;
    drop(Session::of(&server, server.sign_in(OWNER_EMAIL, PASSWORD).await.token).await);
}

async fn exchanged(server: &Server) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM events WHERE event_type = 'code_exchanged'")
        .fetch_one(server.pool())
        .await
        .unwrap()
}
