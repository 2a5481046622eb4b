//! Two servers on one database: what one has answered holds at the other, at once.

use serde_json::json;

use crate::CALLBACK;
use crate::support::{OWNER_EMAIL, PASSWORD, Server, Session, Tokens};

const MOVED: &str = "https://moved.example.com/callback";

#[tokio::test]
async fn what_an_app_registered_at_one_server_holds_at_the_other_at_once() {
    let server = Server::start().await;
    let replica = server.replica().await;
    let owner = server.owner().await;
    let there = Session::of(&replica, owner.token.clone()).await;
    let app = owner.app("app", CALLBACK).await;
    there.code(&app.authorization()).await;
    for round in 0..20 {
        let (old, new) = if round % 2 == 0 {
            (CALLBACK, MOVED)
        } else {
            (MOVED, CALLBACK)
        };
        let path = format!("/api/v2/oauth2-provider/apps/{}", app.id);
        let body = json!({ "name": "app", "callback_url": new });
        owner.put(&path, &body).await.expect(200);
        there
            .code(&app.authorization().and("redirect_uri", new))
            .await;
        let refused = there
            .authorize(&app.authorization().and("redirect_uri", old))
            .await;
        refused.expect(400);
    }
}

#[tokio::test]
async fn a_session_that_was_ended_at_one_server_gives_no_code_at_the_other() {
    let server = Server::start().await;
    let replica = server.replica().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    for _ in 0..20 {
        let session = server.sign_in(OWNER_EMAIL, PASSWORD).await;
        let there = Session::of(&replica, session.token.clone()).await;
        there.code(&app.authorization()).await;
        session
            .post("/api/v2/users/logout", &json!({}))
            .await
            .expect(200);
        there.authorize(&app.authorization()).await.expect(401);
    }
}

#[tokio::test]
async fn tokens_given_at_one_server_work_and_end_at_the_other() {
    tokens_work_and_end(&Server::start().await).await;
}

#[tokio::test]
async fn so_do_tokens_of_servers_that_remember_nothing() {
    let remembering = [("CHANCERY_REMEMBERED_STREAMS", "0")];
    tokens_work_and_end(&Server::start_with(&remembering).await).await;
}

async fn tokens_work_and_end(server: &Server) {
    let replica = server.replica().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let tokens = Tokens::of(&replica, &app.exchange(&code)).await;
    assert_eq!(tokens.status(server).await, 200);
    let fresh = Tokens::of(server, &app.refresh(&tokens.refresh_token)).await;
    assert_eq!(tokens.status(&replica).await, 401);
    assert_eq!(fresh.status(&replica).await, 200);
}
