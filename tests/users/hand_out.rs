use serde_json::json;

use crate::support::{Server, Session};

const TOKENS: &str = "/api/v2/users/me/keys/tokens";
const DAY: i64 = 86_400_000_000_000;

#[tokio::test]
async fn a_token_makes_no_token_that_ends_after_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let parent = json!({ "token_name": "parent", "lifetime": DAY });
    let parent = owner.post(TOKENS, &parent).await.expect(201).member("key");
    let parent = Session::of(&server, parent).await;
    let child = json!({ "token_name": "child", "lifetime": 300 * DAY });
    parent.post(TOKENS, &child).await.expect(201);
    let ends = async |name: &str| {
        let token = owner.get(&format!("{TOKENS}/{name}")).await.expect(200);
        token.member("expires_at")
    };
    assert!(ends("child").await <= ends("parent").await);
}
