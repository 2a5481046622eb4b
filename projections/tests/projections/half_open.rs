//! Connections whose answers are lost for good, and neither side is told.

use std::time::Duration;

use chancery_postgres::testing::Proxy;
use chancery_projections::{Config, Projections};

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
