use serde_json::{Value, json};

use crate::support::Server;
use crate::{CALLBACK, audit};

/// An app that was created, renamed and deleted, its stream, and the positions of these events.
async fn history(server: &Server) -> (String, Vec<String>) {
    let owner = server.owner().await;
    let id = owner
        .create_app("First", CALLBACK)
        .await
        .expect(201)
        .member("id");
    let path = format!("/api/v2/oauth2-provider/apps/{id}");
    let body = json!({"name": "Second", "callback_url": CALLBACK});
    owner.put(&path, &body).await.expect(200);
    owner.delete(&path).await.expect(204);
    let stream = format!("oauth2_app/{id}");
    let listed = audit(server, &["list", "--resource", &stream, "--reverse"])
        .await
        .json();
    let positions = listed
        .iter()
        .map(|event| event["position"].to_string())
        .collect();
    (stream, positions)
}

fn named(value: &Value) -> bool {
    value.to_string().contains("Second")
}

#[tokio::test]
async fn a_resource_is_shown_as_it_was_at_a_position_or_time() {
    let server = Server::start().await;
    let (stream, positions) = history(&server).await;
    let at = async |moment: &str| {
        audit(&server, &["replay", &stream, "--at", moment, "--json"])
            .await
            .json()
            .remove(0)
    };
    let first = at(&positions[0]).await;
    assert!(first["recorded"].to_string().contains("First"), "{first}");
    let second = at(&positions[1]).await;
    assert!(named(&second["recorded"]), "{second}");
    let event = audit(&server, &["show", &positions[1], "--json"])
        .await
        .json()
        .remove(0);
    let by_time = at(event["event"]["recorded_at"].as_str().unwrap()).await;
    assert_eq!(by_time["recorded"], second["recorded"]);
    let text = audit(&server, &["replay", &stream, "--at", &positions[0]])
        .await
        .ok();
    assert!(
        text.contains("as of position") && text.contains("\"First\""),
        "{text}"
    );
}

#[tokio::test]
async fn the_difference_of_two_moments_and_every_step_are_shown_as_patches() {
    let server = Server::start().await;
    let (stream, positions) = history(&server).await;
    let range = format!("{}..{}", positions[0], positions[1]);
    let text = audit(&server, &["replay", &stream, "--diff", &range])
        .await
        .ok();
    assert!(
        text.contains("\"First\"\n+ ") && text.contains("\"Second\""),
        "{text}"
    );
    let json = audit(&server, &["replay", &stream, "--diff", &range, "--json"])
        .await
        .json();
    assert_eq!(json[0]["changes"].as_array().unwrap().len(), 1, "{json:?}");
    let steps = audit(
        &server,
        &["replay", &stream, "--steps", "--color", "always"],
    )
    .await
    .ok();
    for part in [
        "oauth2_app_created",
        "oauth2_app_updated",
        "oauth2_app_deleted",
        "\u{1b}[31m- ",
        "\u{1b}[32m+ ",
    ] {
        assert!(steps.contains(part), "{steps}");
    }
}
