//! Never skip, never stall: the interleavings that lose or hold up events elsewhere.

use std::pin::pin;
use std::time::Duration;

use chancery_ledger::{Ledger, LedgerConfig, Position, appender_options};
use futures::future::join_all;
use futures::poll;
use sqlx::{Connection, PgConnection};

use crate::support::account::{Account, deposit, note};
use crate::support::gate::{Gate, until_blocked};
use crate::support::{World, context, context_at, positions, time};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_give_positions_without_gaps_and_a_follower_sees_each_event_once_in_order() {
    let world = World::new().await;
    let replicas = [world.ledger().await, world.ledger().await];
    let follower = tokio::spawn(follow(world.ledger().await, 400));
    let writers = (0..8_usize).map(|writer| {
        let ledger = replicas[writer % 2].clone();
        tokio::spawn(async move {
            for n in 0..50 {
                let stream = format!("{writer}-{}", n % 5);
                ledger
                    .execute::<Account>(&stream, deposit(1), &context())
                    .await
                    .unwrap();
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    let seen = follower.await.unwrap();
    assert!(seen.into_iter().eq(1..=400));
    assert!(positions(&world.pool).await.into_iter().eq(1..=400));
    let verified = replicas[0]
        .verify(Position(1)..=Position(400), |_| {})
        .await
        .unwrap();
    assert_eq!(verified.events, 400);
}

/// Reads by position whenever the head is said to have moved, as a projection does.
async fn follow(ledger: Ledger, count: usize) -> Vec<i64> {
    let mut head = ledger.subscribe();
    let mut seen = Vec::new();
    while seen.len() < count {
        head.changed().await.unwrap();
        loop {
            let after = Position(seen.last().copied().unwrap_or(0));
            let events = ledger.read(after, 7).await.unwrap();
            if events.is_empty() {
                break;
            }
            seen.extend(events.iter().map(|event| event.position.0));
        }
    }
    seen
}

#[tokio::test]
async fn an_append_begun_before_a_faster_one_is_not_skipped() {
    let world = World::new().await;
    let (slow, fast) = (world.ledger().await, world.ledger().await);
    let gate = Gate::close(&world).await;
    // Both begin while the lock is held, with the same time; which is first is decided by the lock alone.
    let contexts = [context_at(time(0)), context_at(time(0))];
    let mut first = pin!(slow.execute_new::<Account>("slow", note("x"), &contexts[0]));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    let mut second = pin!(fast.execute_new::<Account>("fast", note("x"), &contexts[1]));
    assert!(poll!(second.as_mut()).is_pending());
    until_blocked(&world.pool, 2).await;
    // Nothing is visible before it is decided: a reader cannot step over it.
    assert_eq!(slow.read(Position(0), 10).await.unwrap(), []);
    gate.open().await;
    let (first, second) = (
        first.await.unwrap().position,
        second.await.unwrap().position,
    );
    let mut both = [first, second];
    both.sort();
    assert_eq!(both, [Some(Position(1)), Some(Position(2))]);
    let read = fast.read(Position(0), 10).await.unwrap();
    assert_eq!(
        read.iter()
            .map(|event| event.position.0)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(read[0].recorded_at, read[1].recorded_at);
}

#[tokio::test]
async fn a_transaction_with_an_older_id_does_not_invert_a_stream() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    // This transaction has its id before the append below has one, and appends to the same stream after it.
    let mut older = PgConnection::connect_with(&world.database.options())
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE elsewhere (n int); BEGIN; INSERT INTO elsewhere VALUES (1)")
        .execute(&mut older)
        .await
        .unwrap();
    ledger
        .execute::<Account>("a", note("first"), &context())
        .await
        .unwrap();
    sqlx::raw_sql(
        "SELECT ledger_append(ARRAY['00000000-0000-0000-0000-0000000000aa'::uuid], ARRAY[now()],
            ARRAY[1], ARRAY['account'], ARRAY['a'], ARRAY[1::bigint],
            ARRAY[1], ARRAY['account'], ARRAY['a'], ARRAY[2::bigint], ARRAY['noted'], ARRAY['1.0'],
            ARRAY['{\"type\":\"noted\",\"text\":\"second\"}'], ARRAY['{}'], sha256('unverified'),
            '{}', '{}', '{}', '{}', '{}', '{}');
         COMMIT",
    )
    .execute(&mut older)
    .await
    .unwrap();
    let events: Vec<(i64, i64)> = ledger
        .read_raw(Position(0), 10)
        .await
        .unwrap()
        .iter()
        .map(|event| (event.position.0, event.sequence))
        .collect();
    assert_eq!(events, [(1, 1), (2, 2)]);
    // What is known here is not what is there any more.
    let third = ledger
        .execute::<Account>("a", note("third"), &context())
        .await
        .unwrap();
    assert_eq!((third.position, third.sequence), (Some(Position(3)), 3));
}

#[tokio::test]
async fn a_transaction_left_open_elsewhere_stalls_nobody() {
    let world = World::new().await;
    let other = World::new().await;
    let ledger = world.ledger().await;
    let mut idle = Vec::new();
    for options in [world.database.options(), other.database.options()] {
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE open (n int); BEGIN; INSERT INTO open VALUES (1); LISTEN ledger",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        idle.push(connection);
    }
    for n in 1..=20 {
        let paid = ledger
            .execute::<Account>("a", deposit(1), &context())
            .await
            .unwrap();
        assert_eq!(paid.position, Some(Position(n)));
        assert_eq!(ledger.read_raw(Position(n - 1), 10).await.unwrap().len(), 1);
    }
    drop(idle);
}

#[tokio::test]
async fn a_replica_that_stalls_while_it_holds_the_lock_loses_it() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let config = LedgerConfig {
        idle_in_transaction_timeout: Duration::from_millis(50),
        ..LedgerConfig::default()
    };
    let options = appender_options(world.database.options(), &config);
    let mut stalled = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT position FROM ledger_head FOR UPDATE")
        .execute(&mut stalled)
        .await
        .unwrap();
    let paid = ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!(paid.position, Some(Position(1)));
    sqlx::raw_sql("COMMIT")
        .execute(&mut stalled)
        .await
        .unwrap_err();
}

#[tokio::test]
async fn an_append_outside_of_read_committed_is_refused() {
    let world = World::new().await;
    let mut connection = PgConnection::connect_with(&world.database.options())
        .await
        .unwrap();
    let error = sqlx::raw_sql(
        "BEGIN ISOLATION LEVEL REPEATABLE READ;
         SELECT ledger_append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '',
                              '{}', '{}', '{}', '{}', '{}', '{}')",
    )
    .execute(&mut connection)
    .await
    .unwrap_err();
    assert!(error.to_string().contains("READ COMMITTED"), "{error}");
}

#[tokio::test]
async fn recorded_events_cannot_be_changed_or_removed_by_mistake() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    for statement in [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "TRUNCATE events",
    ] {
        let error = sqlx::query(statement)
            .execute(&world.pool)
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("never changed or removed"),
            "{error}"
        );
    }
}
