//! Who may do what, proved on every operation of the served `OpenAPI` document: each is asked for by six people, and has to
//! answer as `matrix.txt` says. An operation that is not in the table fails the test, and so does a row without an operation.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod row;
mod world;

use std::collections::BTreeSet;

use row::Row;
use support::Server;
use world::World;

const MATRIX: &str = include_str!("matrix.txt");

#[tokio::test]
async fn every_operation_answers_everyone_as_the_table_says() {
    let server = Server::start_with(&[
        ("CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS", "true"),
        ("CHANCERY_SCIM_KEY", "a-key-that-nobody-here-has"),
    ])
    .await;
    let world = World::new(&server).await;
    let rows: Vec<Row> = MATRIX.lines().filter_map(Row::parse).collect();
    let listed: BTreeSet<String> = rows.iter().map(Row::operation).collect();
    assert_eq!(listed.len(), rows.len(), "an operation is listed twice");
    let operations = served(&server).await;
    let missing: Vec<_> = operations.difference(&listed).collect();
    assert!(missing.is_empty(), "not in matrix.txt: {missing:#?}");
    let gone: Vec<_> = listed.difference(&operations).collect();
    assert!(gone.is_empty(), "in matrix.txt, and not served: {gone:#?}");

    let mut wrong = Vec::new();
    for row in &rows {
        let mut statuses = Vec::new();
        for person in &world.people {
            statuses.push(world.ask(row, person).await);
        }
        if statuses != row.expected {
            wrong.push(row.with(&statuses));
        }
    }
    assert!(
        wrong.is_empty(),
        "these rows are answered like this:\n{}",
        wrong.join("\n")
    );
}

/// The operations of the served document: `GET /path`.
async fn served(server: &Server) -> BTreeSet<String> {
    let document = server.get("/openapi.json").await.expect(200).json();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods
            .filter(|key| {
                ["get", "put", "post", "patch", "delete", "head", "options"].contains(&key.as_str())
            })
            .map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}
