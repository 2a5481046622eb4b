//! Killing and stopping things. Nobody is answered by a guess.

use std::pin::pin;
use std::time::Duration;

use chancery_ledger::{ExecuteError, Ledger, LedgerConfig, Position};
use chancery_postgres::testing::cluster;
use futures::future::join_all;
use futures::poll;

use crate::support::account::{self, Account, balance, deposit, note};
use crate::support::gate::{Gate, until_blocked};
use crate::support::{World, context, pool, positions};

#[tokio::test]
async fn when_the_queue_is_full_further_appends_are_refused_at_once() {
    let world = World::new().await;
    let config = LedgerConfig {
        queue_capacity: 2,
        ..LedgerConfig::default()
    };
    let ledger = world.ledger_with(config).await;
    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context(), context()];
    let mut sent = pin!(ledger.execute_new::<Account>("a", note("x"), &contexts[0]));
    assert!(poll!(sent.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    let mut queued = pin!(ledger.execute_new::<Account>("b", note("x"), &contexts[1]));
    let mut last = pin!(ledger.execute_new::<Account>("c", note("x"), &contexts[2]));
    assert!(poll!(queued.as_mut()).is_pending());
    assert!(poll!(last.as_mut()).is_pending());
    let refused = ledger
        .execute_new::<Account>("d", note("x"), &contexts[3])
        .await
        .unwrap_err();
    assert!(matches!(refused, ExecuteError::Overloaded));
    gate.open().await;
    sent.await.unwrap();
    queued.await.unwrap();
    last.await.unwrap();
    assert_eq!(positions(&world.pool).await, [1, 2, 3]);
}

#[tokio::test]
async fn an_append_whose_caller_is_gone_before_it_is_sent_is_not_made() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context()];
    let mut sent = pin!(ledger.execute_new::<Account>("a", note("x"), &contexts[0]));
    assert!(poll!(sent.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    {
        let mut abandoned = pin!(ledger.execute_new::<Account>("b", note("x"), &contexts[1]));
        assert!(poll!(abandoned.as_mut()).is_pending());
    }
    gate.open().await;
    sent.await.unwrap();
    ledger
        .execute_new::<Account>("c", note("x"), &contexts[2])
        .await
        .unwrap();
    let streams: Vec<String> =
        sqlx::query_scalar("SELECT aggregate_id FROM events ORDER BY position")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    assert_eq!(streams, ["a", "c"]);
}

#[tokio::test]
async fn without_a_database_appends_are_unavailable_and_with_it_again_they_are_made() {
    let mut cluster = cluster().await;
    let admin = pool(cluster.options());
    Ledger::migrate(&admin).await.unwrap();
    let config = LedgerConfig {
        unavailable_after: Duration::from_millis(200),
        ..LedgerConfig::default()
    };
    let ledger = Ledger::open(cluster.options(), admin.clone(), account::types(), config)
        .await
        .unwrap();
    ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    cluster.stop().await;

    // The first is sent on a connection that may be dead or may not: it is not known what became of it.
    let first = ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap_err();
    assert!(
        matches!(
            first,
            ExecuteError::OutcomeUnknown | ExecuteError::Unavailable(_)
        ),
        "{first}"
    );
    // The second is not sent at all.
    let second = ledger
        .execute_new::<Account>("b", deposit(1), &context())
        .await
        .unwrap_err();
    assert!(matches!(second, ExecuteError::Unavailable(_)), "{second}");

    cluster.start().await;
    let third = ledger
        .execute::<Account>("a", deposit(5), &context())
        .await
        .unwrap();
    assert_eq!((balance(&third.state), third.sequence), (6, 2));
    assert_eq!(positions(&admin).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_killed_under_load_loses_nothing_that_was_answered() {
    let cluster = cluster().await;
    let admin = pool(cluster.options());
    Ledger::migrate(&admin).await.unwrap();
    let config = LedgerConfig {
        unavailable_after: Duration::from_mins(1),
        ..LedgerConfig::default()
    };
    let ledger = Ledger::open(
        cluster.options(),
        pool(cluster.options()),
        account::types(),
        config,
    )
    .await
    .unwrap();
    let mut head = ledger.subscribe();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                for n in 0..50 {
                    let id = format!("{writer}-{n}");
                    ledger
                        .execute_new::<Account>(&id, deposit(1), &context())
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    head.wait_for(|head| head.0 >= 100).await.unwrap();
    cluster.kill();
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    assert!(positions(&admin).await.into_iter().eq(1..=400));
    assert_eq!(
        ledger
            .verify(Position(1)..=Position(400), |_| {})
            .await
            .unwrap()
            .events,
        400
    );
}

#[tokio::test]
async fn a_closed_ledger_makes_what_waits_and_refuses_the_rest() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context()];
    let mut sent = pin!(ledger.execute_new::<Account>("a", note("x"), &contexts[0]));
    let mut waiting = pin!(ledger.execute_new::<Account>("b", note("x"), &contexts[1]));
    assert!(poll!(sent.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    assert!(poll!(waiting.as_mut()).is_pending());
    let mut closing = pin!(ledger.clone().close());
    assert!(poll!(closing.as_mut()).is_pending());
    gate.open().await;
    closing.await;
    sent.await.unwrap();
    waiting.await.unwrap();
    let refused = ledger
        .execute_new::<Account>("c", note("x"), &contexts[2])
        .await
        .unwrap_err();
    assert!(matches!(refused, ExecuteError::Unavailable(_)));
}
