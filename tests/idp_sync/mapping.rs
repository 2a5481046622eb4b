use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Server, Session};
use crate::{GROUPS, ORGANIZATIONS, ROLES};

fn pairs(pairs: &[(&str, &str)]) -> Value {
    let pairs = pairs.iter();
    pairs
        .map(|(given, gets)| json!({ "given": given, "gets": gets }))
        .collect()
}

async fn patch(owner: &Session<'_>, path: &str, body: &Value) -> Value {
    let path = format!("{path}/mapping");
    owner.patch(&path, body).await.expect(200).json()["mapping"].clone()
}

#[tokio::test]
async fn pairs_are_added_and_taken_out_as_the_contract_says() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ids = [1, 2, 3, 4].map(|id| Uuid::from_u128(id).to_string());
    let names = [
        "owner",
        "no-role",
        "organization-admin",
        "organization-auditor",
    ];
    for (path, targets) in [
        (ORGANIZATIONS, ids.each_ref().map(String::as_str)),
        (GROUPS, ids.each_ref().map(String::as_str)),
        (ROLES, names),
    ] {
        let config = json!({ "field": "claim" });
        owner
            .patch(&format!("{path}/config"), &config)
            .await
            .expect(200);
        let add = pairs(&[
            ("wibble", targets[0]),
            ("wibble", targets[1]),
            ("wobble", targets[0]),
            ("wobble", targets[1]),
            ("wobble", targets[2]),
            ("wooble", targets[0]),
            ("wooble", targets[0]),
        ]);
        assert_eq!(
            patch(&owner, path, &json!({ "add": add })).await,
            json!({ "wibble": targets[..2], "wobble": targets[..3], "wooble": targets[..1] })
        );
        let add = pairs(&[("wibble", targets[2]), ("wobble", targets[3])]);
        let remove = pairs(&[
            ("wibble", targets[0]),
            ("wobble", targets[1]),
            ("x", targets[0]),
        ]);
        let expected = json!({
            "wibble": targets[1..3], "wobble": [targets[0], targets[2], targets[3]], "wooble": targets[..1],
        });
        // As a client in Go writes it.
        let sent = json!({ "Add": add, "Remove": remove }).to_string();
        let sent = sent.replace("given", "Given").replace("gets", "Gets");
        let sent = serde_json::from_str(&sent).unwrap();
        assert_eq!(patch(&owner, path, &sent).await, expected);
        // What goes wins over what comes, and a value stays without any.
        let both = pairs(&[("wooble", targets[0])]);
        let shown = patch(&owner, path, &json!({ "add": both, "remove": both })).await;
        assert_eq!(shown["wooble"], json!([]));
        let shown = owner.get(path).await.expect(200).json();
        assert_eq!(shown["mapping"]["wooble"], json!([]));
        assert_eq!(shown["field"], "claim");
    }
}

#[tokio::test]
async fn of_many_who_change_a_mapping_at_once_nobodys_pair_is_lost() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let path = format!("{GROUPS}/mapping");
    let ids: Vec<String> = (1..=12).map(|id| Uuid::from_u128(id).to_string()).collect();
    let bodies: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "add": pairs(&[("devs", id)]) }))
        .collect();
    for answer in join_all(bodies.iter().map(|body| owner.patch(&path, body))).await {
        answer.expect(200);
    }
    let shown = owner.get(GROUPS).await.expect(200).json();
    let mut mapped: Vec<&str> = shown["mapping"]["devs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    mapped.sort_unstable();
    assert_eq!(mapped, ids);
}

#[tokio::test]
async fn what_is_no_list_of_pairs_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for body in [
        json!({ "add": [{ "given": "a", "gets": "no-uuid" }] }),
        json!({ "add": [{ "given": "a" }] }),
        json!({ "remove": "a" }),
        json!([]),
    ] {
        let answer = owner.patch(&format!("{GROUPS}/mapping"), &body).await;
        answer.expect_error(400, "Request body must be valid JSON.");
    }
}
