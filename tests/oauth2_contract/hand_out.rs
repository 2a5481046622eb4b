use serde_json::json;

use crate::CALLBACK;
use crate::support::{Server, Session};

#[tokio::test]
async fn an_app_makes_nothing_that_would_outlive_its_grant() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let tokens = app.tokens(&owner).await;
    let as_app = Session::of(&server, tokens.access_token.clone()).await;
    let token = json!({ "token_name": "escaped", "lifetime": 31_449_600_000_000_000_i64 });
    for path in ["/api/v2/users/me/keys/tokens", "/api/v2/users/me/keys"] {
        as_app.post(path, &token).await.expect(403);
    }
    let app_id = &app.id;
    let secrets = format!("/api/v2/oauth2-provider/apps/{app_id}/secrets");
    as_app.post(&secrets, &json!({})).await.expect(403);
    assert_eq!(tokens.status(&server).await, 200);
}
