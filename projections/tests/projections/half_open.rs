//! Connections whose answers are lost for good, and neither side is told.

use std::time::Duration;

use chancery_postgres::testing::Proxy;
use chancery_projections::{Config, LookupError, Projections, Readers, all};

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, config};

fn impatient() -> Config {
    Config {
        answer_within: Duration::from_secs(1),
        apply_within: Duration::from_secs(1),
        ..config()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_fail_once_and_heal_when_answers_are_lost() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.database.options()).await;
    let projections =
        Projections::start_with(world.ledger.clone(), proxy.options(), impatient(), all())
            .await
            .unwrap();
    let readers = Readers::new(projections.lookups());
    assert_eq!(readers.credential("nobody").await.unwrap(), None);
    proxy.mute();
    let mut failures = 0;
    let found = loop {
        match readers.credential("nobody").await {
            Ok(found) => break found,
            Err(LookupError::Database(_)) => failures += 1,
            Err(LookupError::Ended) => panic!("the loader ended"),
        }
    };
    assert_eq!(found, None);
    // The connection in use, and at most one that was tested too long.
    assert!(failures <= 3, "{failures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_and_queries_heal_when_answers_are_lost() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.database.options()).await;
    let projections = Projections::start_with(
        world.ledger.clone(),
        proxy.options(),
        impatient(),
        vec![Toy::new().boxed()],
    )
    .await
    .unwrap();
    let first = world.organization("first").await;
    projections.wait_for(TOY, first).await.unwrap();
    assert_eq!(toys(&projections).await, ["first"]);
    proxy.mute();
    // Whoever gives a query up does not take its connection with it.
    for _ in 0..20 {
        let asking = sqlx::query("SELECT name FROM toys").fetch_all(projections.pool());
        drop(tokio::time::timeout(Duration::from_millis(10), asking).await);
    }
    let second = world.organization("second").await;
    projections.wait_for(TOY, second).await.unwrap();
    let names: Vec<String> = loop {
        let asking = sqlx::query_scalar("SELECT name FROM toys ORDER BY position")
            .fetch_all(projections.pool());
        if let Ok(Ok(names)) = tokio::time::timeout(Duration::from_secs(1), asking).await {
            break names;
        }
    };
    assert_eq!(names, ["first", "second"]);
}
