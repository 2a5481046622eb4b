use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::{LedgerConfig, Position};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::support::account::{Account, deposit};
use crate::support::{World, context};

#[tokio::test]
async fn a_follower_is_told_of_appends_of_its_own_process_and_reads_them_from_memory() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let mut head = ledger.subscribe();
    for _ in 0..3 {
        ledger
            .execute_new::<Account>("a", deposit(1), &context())
            .await
            .unwrap();
    }
    assert_eq!(*head.borrow_and_update(), Position(3));
    assert_eq!(ledger.head(), Position(3));
    let stored = ledger.read_raw(Position(0), 10).await.unwrap();
    // With no connection to read by, only memory can serve.
    world.pool.close().await;
    let read = ledger.read(Position(1), 10).await.unwrap();
    assert_eq!(
        read.iter()
            .map(|event| event.position.0)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    for (read, stored) in read.iter().zip(&stored[1..]) {
        assert_eq!(
            (read.hash, read.recorded_at, &read.payload),
            (stored.hash, stored.recorded_at, &value(&stored.payload))
        );
        assert_eq!(
            serde_json::to_value(&read.metadata).unwrap(),
            value(&stored.metadata)
        );
    }
    assert!(Arc::ptr_eq(
        &read[0],
        &ledger.read(Position(1), 1).await.unwrap()[0]
    ));
}

fn value(stored: &RawValue) -> Value {
    serde_json::from_str(stored.get()).unwrap()
}

#[tokio::test]
async fn a_follower_is_told_of_another_replica_s_appends_by_notification() {
    let world = World::new().await;
    let config = LedgerConfig {
        head_poll_interval: Duration::from_hours(1),
        ..LedgerConfig::default()
    };
    let (here, there) = (world.ledger_with(config).await, world.ledger().await);
    until_listening(&world, 2).await;
    let mut head = here.subscribe();
    there
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    head.wait_for(|head| *head == Position(1)).await.unwrap();
    assert_eq!(here.read(Position(0), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_follower_is_told_again_after_the_listening_connection_was_lost() {
    let world = World::new().await;
    let config = LedgerConfig {
        head_poll_interval: Duration::from_hours(1),
        ..LedgerConfig::default()
    };
    let (here, there) = (world.ledger_with(config).await, world.ledger().await);
    until_listening(&world, 2).await;
    // Not among the conditions: they are asked in any order, that of the database after this one. Gone when it returns, so that
    // they are not counted among the next.
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .fetch_all(&world.pool)
    .await
    .unwrap();
    assert_eq!(ended, [true, true]);
    let mut head = here.subscribe();
    // Whether the connection is back before or after this, the position arrives in the end.
    there
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    until_listening(&world, 2).await;
    there
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    head.wait_for(|head| *head == Position(2)).await.unwrap();
}

#[tokio::test]
async fn a_follower_that_is_not_notified_asks() {
    let world = World::new().await;
    let config = LedgerConfig {
        head_poll_interval: Duration::from_millis(5),
        ..LedgerConfig::default()
    };
    let here = world.ledger_with(config).await;
    // Nobody is told of anything.
    let mut definition: String =
        sqlx::query_scalar("SELECT pg_get_functiondef('ledger_append'::regproc)")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    definition = definition.replace("PERFORM pg_notify('ledger', head_position::text);", "");
    sqlx::raw_sql(&definition)
        .execute(&world.pool)
        .await
        .unwrap();
    let mut head = here.subscribe();
    sqlx::raw_sql(
        "SELECT ledger_append(ARRAY['00000000-0000-0000-0000-0000000000aa'::uuid], ARRAY[now()],
            ARRAY[1], ARRAY['account'], ARRAY['a'], ARRAY[0::bigint],
            ARRAY[1], ARRAY['account'], ARRAY['a'], ARRAY[1::bigint], ARRAY['noted'], ARRAY['1.0'],
            ARRAY['{}'], ARRAY['{}'], sha256('unverified'), '{}', '{}', '{}', '{}', '{}', '{}')",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    head.wait_for(|head| *head == Position(1)).await.unwrap();
}

#[tokio::test]
async fn events_of_other_replicas_between_one_s_own_are_not_missed() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    for n in 0..10 {
        let ledger = if n % 3 == 0 { &here } else { &there };
        ledger
            .execute::<Account>(&format!("{n}"), deposit(1), &context())
            .await
            .unwrap();
    }
    for ledger in [&here, &there] {
        for after in 0..10 {
            let read = ledger.read(Position(after), 10).await.unwrap();
            assert_eq!(read[0].position, Position(after + 1));
            let contiguous = read
                .windows(2)
                .all(|pair| pair[1].position == pair[0].position.next());
            assert!(contiguous);
        }
    }
}

#[tokio::test]
async fn memory_of_recent_events_is_bounded() {
    let world = World::new().await;
    let config = LedgerConfig {
        recent_capacity: 3,
        ..LedgerConfig::default()
    };
    let ledger = world.ledger_with(config).await;
    for n in 0..6 {
        ledger
            .execute::<Account>(&format!("{n}"), deposit(1), &context())
            .await
            .unwrap();
    }
    assert_eq!(ledger.read(Position(0), 10).await.unwrap().len(), 6);
    world.pool.close().await;
    assert!(ledger.read(Position(2), 10).await.is_err());
    assert_eq!(ledger.read(Position(3), 10).await.unwrap().len(), 3);
}

/// Waits until so many sessions of the test's database listen.
async fn until_listening(world: &World, sessions: i64) {
    crate::support::gate::until(
        &world.pool,
        "SELECT count(*) >= $1 FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'",
        sessions,
    )
    .await;
}
