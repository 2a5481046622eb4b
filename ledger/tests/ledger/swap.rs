//! Appends that are decided before they are sent.

use std::pin::pin;

use chancery_ledger::{ExecuteError, LedgerConfig, Position};
use futures::future::join_all;
use futures::poll;

use crate::support::account::{
    Account, AccountCommand, balance, deposit, note, open, rename, seize, spend, withdraw,
};
use crate::support::gate::{Gate, until_blocked};
use crate::support::{World, context, positions};

const NO_SLOW_WAY: &str = "ALTER FUNCTION ledger_append RENAME TO ledger_append_aside";
const SLOW_WAY: &str = "ALTER FUNCTION ledger_append_aside RENAME TO ledger_append";

impl World {
    async fn sql(&self, statements: &'static str) {
        sqlx::raw_sql(statements).execute(&self.pool).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_known_or_new_is_appended_without_asking() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    world.sql(NO_SLOW_WAY).await;
    let commands = [
        ("a", open("alice")),
        ("b", open("bob")),
        ("a", rename("anna")),
        ("c", open("alice")),
        ("a", seize("t")),
        ("b", seize("t")),
        ("b", spend("t")),
        ("b", deposit(7)),
    ];
    for (id, command) in commands {
        ledger
            .execute::<Account>(id, command, &context())
            .await
            .unwrap();
    }
    let all = Position(1)..=Position(i64::MAX);
    assert_eq!(ledger.verify(all, |_| {}).await.unwrap().events, 8);
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn a_refusal_is_never_decided_from_memory() {
    let world = World::new().await;
    let config = LedgerConfig {
        conflict_retries: 0,
        memory_capacity: 0,
        ..LedgerConfig::default()
    };
    let (here, there) = (world.ledger_with(config).await, world.ledger().await);
    here.execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    // Here, the name is remembered as taken.
    there
        .execute::<Account>("a", rename("anna"), &context())
        .await
        .unwrap();
    here.execute::<Account>("b", open("alice"), &context())
        .await
        .unwrap();
    let taken = there
        .execute::<Account>("c", open("alice"), &context())
        .await
        .unwrap_err();
    assert!(matches!(taken, ExecuteError::KeyTaken { .. }));
    assert_eq!(here.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn a_batch_that_loses_to_another_process_is_decided_again_under_the_lock() {
    let world = World::new().await;
    let config = LedgerConfig {
        conflict_retries: 0,
        ..LedgerConfig::default()
    };
    let (here, there) = (
        world.ledger_with(config.clone()).await,
        world.ledger_with(config).await,
    );
    here.execute::<Account>("a", deposit(9), &context())
        .await
        .unwrap();
    there.load::<Account>("a").await.unwrap();
    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context(), context()];
    let mut first = pin!(there.execute::<Account>("a", withdraw(9), &contexts[0]));
    while poll!(first.as_mut()).is_pending() {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&world.pool)
        .await
        .unwrap();
        if waiting == 1 {
            break;
        }
    }
    let mut stale = pin!(here.execute::<Account>("a", withdraw(9), &contexts[1]));
    assert!(poll!(stale.as_mut()).is_pending());
    until_blocked(&world.pool, 2).await;
    let mut good = pin!(here.execute_new::<Account>("b", note("x"), &contexts[2]));
    assert!(poll!(good.as_mut()).is_pending());
    gate.open().await;
    let (first, stale) = tokio::join!(first, stale);
    // Whoever was second has lost, and neither lost without the other having won.
    assert_ne!(first.is_ok(), stale.is_ok());
    for lost in [first.err(), stale.err()].into_iter().flatten() {
        assert!(matches!(lost, ExecuteError::Conflict), "{lost}");
    }
    good.await.unwrap();
    assert_eq!(positions(&world.pool).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_stream_believed_to_be_new_and_a_key_believed_to_be_free_may_be_there() {
    let world = World::new().await;
    let there = world.ledger().await;
    there
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    let here = world.ledger().await;
    let paid = here
        .execute_new::<Account>("a", deposit(5), &context())
        .await
        .unwrap();
    assert_eq!((paid.sequence, balance(&paid.state)), (2, 5));
    let taken = here
        .execute_new::<Account>("b", open("alice"), &context())
        .await
        .unwrap_err();
    assert!(matches!(taken, ExecuteError::KeyTaken { key } if key == "account_name:alice"));
    let mut unit = here.unit_of_work(&context());
    unit.execute_new::<Account>("c", open("alice"))
        .await
        .unwrap();
    unit.execute::<Account>("c", rename("carol")).await.unwrap();
    unit.commit().await.unwrap_err();
    assert_eq!(here.check_unique_keys().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_remember_little_agree_on_streams_and_keys() {
    let world = World::new().await;
    let config = LedgerConfig {
        memory_capacity: 3,
        conflict_retries: 100,
        ..LedgerConfig::default()
    };
    let replicas = [
        world.ledger_with(config).await,
        world.ledger_with(LedgerConfig::default()).await,
    ];
    let writers = (0..6_u64).map(|writer| {
        let ledger = replicas[usize::from(writer % 2 == 0)].clone();
        tokio::spawn(async move {
            let mut state = writer + 1;
            let mut below = |limit: u64| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 33) % limit
            };
            for _ in 0..60 {
                let id = below(5).to_string();
                let name = format!("name {}", below(4));
                let command = match below(6) {
                    0 => AccountCommand::Open { name },
                    1 | 2 => rename(&name),
                    3 => seize(&name),
                    4 => spend(&name),
                    _ => deposit(1),
                };
                match ledger.execute::<Account>(&id, command, &context()).await {
                    Ok(_)
                    | Err(
                        ExecuteError::KeyTaken { .. }
                        | ExecuteError::KeyNotHeld { .. }
                        | ExecuteError::Refused(_),
                    ) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    assert_eq!(replicas[0].check_unique_keys().await.unwrap(), []);
    let all = Position(1)..=Position(i64::MAX);
    let verified = replicas[0].verify(all, |_| {}).await.unwrap();
    assert!(
        positions(&world.pool)
            .await
            .into_iter()
            .eq(1..=verified.last.0)
    );
    let gaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT max(sequence) <> count(*) AS gap FROM events GROUP BY aggregate_id) s WHERE gap",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert_eq!(gaps, 0);
}

#[tokio::test]
async fn after_a_miss_it_is_known() {
    let world = World::new().await;
    let there = world.ledger().await;
    there
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    let here = world.ledger().await;
    here.execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    world.sql(NO_SLOW_WAY).await;
    let paid = here
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!(paid.sequence, 3);
    // The key was not looked at yet.
    let unknown = here
        .execute::<Account>("a", rename("anna"), &context())
        .await;
    assert!(unknown.is_err());
    world.sql(SLOW_WAY).await;
    here.execute::<Account>("a", rename("anna"), &context())
        .await
        .unwrap();
    assert_eq!(here.check_unique_keys().await.unwrap(), []);
}
