//! The memory says what the log says: at every position, after every eviction, and whoever appended.

use std::time::Duration;

use chancery_ledger::{Ledger, LedgerConfig, StreamName};
use chancery_postgres::testing::Proxy;
use sqlx::Executor as _;

use crate::support::account::{Account, deposit, open, rename, seize, spend, types, withdraw};
use crate::support::{World, context};

/// What the log itself says of an account: the stream read anew.
async fn of_the_log(ledger: &Ledger, id: &str) -> (Account, i64) {
    let (state, sequence) = ledger.load::<Account>(id).await.unwrap();
    (state.into_live().unwrap_or_default(), sequence)
}

async fn of_memory(ledger: &Ledger, id: &str) -> (Account, i64) {
    let seen = ledger
        .now()
        .await
        .unwrap()
        .state::<Account>(id)
        .await
        .unwrap();
    let account = seen.state.life.live().cloned();
    (account.unwrap_or_default(), seen.sequence)
}

fn small() -> LedgerConfig {
    LedgerConfig {
        memory_capacity: 2,
        recent_capacity: 3,
        ..LedgerConfig::default()
    }
}

fn off() -> LedgerConfig {
    LedgerConfig {
        memory_capacity: 0,
        ..LedgerConfig::default()
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

#[tokio::test]
async fn memory_equals_the_log_at_every_position_of_a_random_history_of_three_replicas() {
    let world = World::new().await;
    let ledgers = [
        world.ledger().await,
        world.ledger_with(small()).await,
        world.ledger_with(off()).await,
    ];
    let accounts = ["a", "b", "c", "d", "e"];
    let mut numbers = Numbers(7);
    for step in 0..300 {
        let writer = &ledgers[usize::try_from(numbers.below(3)).unwrap()];
        let account = accounts[usize::try_from(numbers.below(5)).unwrap()];
        let name = format!("n{}", numbers.below(4));
        let command = match numbers.below(6) {
            0 => open(&name),
            1 => deposit(1 + i64::try_from(numbers.below(9)).unwrap()),
            2 => withdraw(1 + i64::try_from(numbers.below(9)).unwrap()),
            3 => rename(&name),
            4 => seize(&name),
            _ => spend(&name),
        };
        // Refusals, taken names and tickets that another holds are part of the history.
        drop(
            writer
                .execute::<Account>(account, command, &context())
                .await,
        );

        let account = accounts[step % accounts.len()];
        let key = format!("{}:n{}", ["account_name", "ticket"][step % 2], step % 4);
        let expected = of_the_log(&ledgers[2], account).await;
        let off = ledgers[2].now().await.unwrap();
        let (holder, family) = (
            off.holder(&key).await.unwrap(),
            off.family("ticket:").await.unwrap(),
        );
        for ledger in &ledgers {
            assert_eq!(of_memory(ledger, account).await, expected, "step {step}");
            let now = ledger.now().await.unwrap();
            assert_eq!(now.holder(&key).await.unwrap(), holder, "step {step}");
            assert_eq!(now.family("ticket:").await.unwrap(), family, "step {step}");
        }
    }
}

#[tokio::test]
async fn what_another_replica_was_answered_is_seen_at_once() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    assert_eq!(of_memory(&there, "a").await.1, 0);
    for amount in 1..=20 {
        here.execute::<Account>("a", deposit(1), &context())
            .await
            .unwrap();
        assert_eq!(of_memory(&there, "a").await.0.balance, amount);
    }
}

#[tokio::test]
async fn own_appends_are_known_without_a_query() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute_new::<Account>("a", seize("gold"), &context())
        .await
        .unwrap();
    let view = ledger.so_far();
    ledger.close().await;
    assert_eq!(view.state::<Account>("a").await.unwrap().sequence, 1);
    assert_eq!(
        view.holder("ticket:gold").await.unwrap(),
        Some(StreamName::new("account", "a"))
    );
    view.state::<Account>("b").await.unwrap_err();
}

#[tokio::test]
async fn a_thousand_looks_at_once_share_their_queries() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    let looks = (0..1000).map(|_| of_memory(&ledger, "a"));
    let seen = futures::future::join_all(looks).await;
    assert!(seen.iter().all(|(account, _)| account.balance == 1));
}

fn losses(ledger: &Ledger) -> u64 {
    ledger.lost_history().map_or(0, |lost| lost.times)
}

/// What a failover does to a standby that was behind: the tail of the log is gone.
async fn lose_the_tail(world: &World, from: i64) {
    let mut connection = world.pool.acquire().await.unwrap();
    connection
        .execute("ALTER TABLE events DISABLE TRIGGER events_are_forever")
        .await
        .unwrap();
    for statement in [
        "DELETE FROM unique_keys WHERE (aggregate_type, aggregate_id) IN (SELECT aggregate_type, aggregate_id FROM events WHERE position >= $1)",
        "DELETE FROM events WHERE position >= $1",
        "UPDATE ledger_head SET (position, hash, recorded_at) = (SELECT position, hash, recorded_at FROM events WHERE position = $1 - 1)",
    ] {
        sqlx::query(statement)
            .bind(from)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn history_that_was_lost_is_forgotten_and_said_so() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    for id in ["a", "b"] {
        ledger
            .execute::<Account>(id, open(id), &context())
            .await
            .unwrap();
    }
    assert_eq!((of_memory(&ledger, "b").await.1, losses(&ledger)), (1, 0));
    lose_the_tail(&world, 2).await;
    assert_eq!((of_memory(&ledger, "b").await.1, losses(&ledger)), (0, 1));
    let now = ledger.now().await.unwrap();
    assert_eq!(now.holder("account_name:b").await.unwrap(), None);
    assert_eq!(of_memory(&ledger, "a").await.1, 1);
}

#[tokio::test]
async fn history_that_was_lost_and_written_anew_up_to_the_same_position_is_noticed() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    for id in ["a", "b"] {
        here.execute::<Account>(id, open(id), &context())
            .await
            .unwrap();
    }
    lose_the_tail(&world, 2).await;
    there
        .execute::<Account>("c", open("carol"), &context())
        .await
        .unwrap();
    assert_eq!(of_memory(&here, "b").await.1, 0);
    assert_eq!(of_memory(&here, "c").await.1, 1);
    assert_eq!(losses(&here), 1);
}

#[tokio::test]
async fn an_unanswered_look_ends_in_time() {
    let world = World::new().await;
    let ledger = world
        .ledger_with(LedgerConfig {
            look_timeout: Duration::from_millis(500),
            ..LedgerConfig::default()
        })
        .await;
    let mut blocking = world.pool.begin().await.unwrap();
    blocking
        .execute("LOCK TABLE ledger_head IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    ledger.now().await.map(drop).unwrap_err();
    blocking.rollback().await.unwrap();
    ledger.now().await.map(drop).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_heal_when_the_answers_of_a_connection_are_lost_for_good() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.database.options()).await;
    let config = LedgerConfig {
        look_timeout: Duration::from_secs(1),
        ..LedgerConfig::default()
    };
    let ledger = Ledger::open(proxy.options(), world.pool.clone(), types(), config)
        .await
        .unwrap();
    let present = ledger.now().await.unwrap();
    present.state::<Account>("a").await.unwrap();
    proxy.mute();
    let mut failures = 0;
    while ledger.now().await.is_err() {
        failures += 1;
    }
    while present.state::<Account>("b").await.is_err() {
        failures += 1;
    }
    assert!(failures <= 4, "{failures}");
}
