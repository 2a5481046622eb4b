//! Connections whose answers are lost for good, and neither side is told.

use std::time::Duration;

use chancery_ledger::{Ledger, LedgerConfig, bounded_pool};
use chancery_postgres::testing::Proxy;
use chancery_projections::{Config, Projections, stream_types};
use sqlx::postgres::PgPoolOptions;

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

/// Its own appends a follower has from memory; another process's it reads.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_heals_when_the_answer_to_its_reading_of_the_log_is_lost() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.database.options()).await;
    // One connection, which is used again without a test, as one is that was used a moment ago.
    let pool = bounded_pool(PgPoolOptions::new())
        .max_connections(1)
        .before_acquire(|_, _| Box::pin(async { Ok(true) }))
        .connect_with(proxy.options())
        .await
        .unwrap();
    let config = LedgerConfig {
        answer_within: Duration::from_secs(1),
        ..LedgerConfig::default()
    };
    let ledger = Ledger::open(proxy.options(), pool, stream_types(), config)
        .await
        .unwrap();
    let toy = vec![Toy::new().boxed()];
    let projections = Projections::start_with(ledger, proxy.options(), impatient(), toy)
        .await
        .unwrap();
    let first = world.organization("first").await;
    projections.wait_for(TOY, first).await.unwrap();
    proxy.mute();
    let second = world.organization("second").await;
    projections.wait_for(TOY, second).await.unwrap();
}
