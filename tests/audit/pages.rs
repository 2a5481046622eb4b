use serde_json::Value;

use crate::CALLBACK;
use crate::support::Server;

#[tokio::test]
async fn pages_after_an_entry_are_whole_while_new_entries_come_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for number in 0..5 {
        owner
            .create_app(&format!("app-{number}"), CALLBACK)
            .await
            .expect(201);
    }
    let read = async |query: &str| {
        let path = format!("/api/v2/audit?q=action:create&{query}");
        owner.get(&path).await.expect(200).json()
    };
    let ids = |page: &Value| -> Vec<String> {
        let entries = page["audit_logs"].as_array().unwrap();
        entries
            .iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = ids(&read("").await);
    assert!(whole.len() >= 5);
    let mut paged = ids(&read("limit=2").await);
    loop {
        owner.create_app("later", CALLBACK).await.expect(201);
        let last = paged.last().unwrap();
        let next = read(&format!("limit=2&after_id={last}")).await;
        assert!(next["count"].as_i64().unwrap() > i64::try_from(whole.len()).unwrap());
        let next = ids(&next);
        if next.is_empty() {
            break;
        }
        paged.extend(next);
    }
    assert_eq!(paged, whole);
    let after_two = read(&format!("after_id={}&offset=1&limit=1", whole[0])).await;
    assert_eq!(ids(&after_two), whole[2..3]);
    owner.get("/api/v2/audit?after_id=x").await.expect(400);
}
