//! Connections lost during an append. Nobody is answered by a guess.

use std::pin::pin;
use std::time::Duration;

use chancery_ledger::{ExecuteError, Ledger, LedgerConfig, Position};
use chancery_postgres::testing::{TestCluster, cluster};
use futures::future::join_all;
use futures::poll;
use sqlx::PgPool;

use crate::support::account::{self, Account, balance, deposit, open};
use crate::support::gate::{Gate, until, until_blocked};
use crate::support::proxy::Proxy;
use crate::support::{World, context, pool, positions};

const KILL_APPENDERS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND query ~ '^SELECT (status|ledger_append)' AND pid <> pg_backend_pid()";

async fn kill_appenders(pool: &PgPool) -> i64 {
    sqlx::query_scalar(KILL_APPENDERS)
        .fetch_one(pool)
        .await
        .unwrap()
}

const BLOCKED_APPENDER: &str = "SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND query ~ '^SELECT (status|ledger_append)' AND wait_event_type = 'Lock'";

#[tokio::test]
async fn an_append_whose_connection_is_cut_while_its_backend_goes_on_is_made_once() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.database.options()).await;
    let ledger = Ledger::open(
        proxy.options(),
        world.pool.clone(),
        account::types(),
        LedgerConfig::default(),
    )
    .await
    .unwrap();
    let gate = Gate::close(&world).await;
    let context = context();
    let mut first = pin!(ledger.execute_new::<Account>("a", open("alice"), &context));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    let backend: i32 = sqlx::query_scalar(BLOCKED_APPENDER)
        .fetch_one(&world.pool)
        .await
        .unwrap();
    // The backend waits for the lock and does not notice. Left alone, it would append after the appender has looked.
    proxy.cut();
    assert!(poll!(first.as_mut()).is_pending());
    until(
        &world.pool,
        "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)",
        backend.into(),
    )
    .await;
    gate.open().await;
    assert_eq!(first.await.unwrap().position, Some(Position(1)));
    assert_eq!(positions(&world.pool).await, [1]);
}

#[tokio::test]
async fn an_append_whose_backend_is_killed_before_it_commits_is_made_once() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let gate = Gate::close(&world).await;
    let contexts = [context(), context()];
    let mut first = pin!(ledger.execute_new::<Account>("a", open("alice"), &contexts[0]));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    assert_eq!(kill_appenders(&world.pool).await, 1);
    gate.open().await;
    assert_eq!(first.await.unwrap().position, Some(Position(1)));
    assert_eq!(positions(&world.pool).await, [1]);
    // The next one goes through the new connection.
    let paid = ledger
        .execute::<Account>("a", deposit(1), &contexts[1])
        .await
        .unwrap();
    assert_eq!((paid.position, paid.sequence), (Some(Position(2)), 2));
}

/// A ledger of one event, with PostgreSQL for itself.
async fn on_a_cluster(config: LedgerConfig) -> (TestCluster, PgPool, Ledger) {
    let cluster = cluster().await;
    let admin = pool(cluster.options());
    Ledger::migrate(&admin).await.unwrap();
    let (options, reading) = (cluster.options(), pool(cluster.options()));
    let ledger = Ledger::open(options, reading, account::types(), config)
        .await
        .unwrap();
    ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    (cluster, admin, ledger)
}

/// Waits until an append has committed and waits for the standby.
async fn until_committed_here(admin: &PgPool) {
    until(
        admin,
        "SELECT count(*) >= $1 FROM pg_stat_activity
        WHERE query ~ '^SELECT (status|ledger_append)' AND wait_event = 'SyncRep' AND pid <> pg_backend_pid()",
        1,
    )
    .await;
}

#[tokio::test]
async fn an_append_whose_backend_is_killed_after_it_committed_is_answered_as_made() {
    let (_cluster, admin, ledger) = on_a_cluster(LedgerConfig::default()).await;

    // With a standby that never comes, a commit is made here and then waits, before it is answered.
    set_standby(&admin, "nobody").await;
    let context = context();
    let mut paid = pin!(ledger.execute::<Account>("a", deposit(2), &context));
    assert!(poll!(paid.as_mut()).is_pending());
    until_committed_here(&admin).await;
    assert_eq!(kill_appenders(&admin).await, 1);
    set_standby(&admin, "").await;

    let paid = paid.await.unwrap();
    assert_eq!((paid.position, paid.sequence), (Some(Position(2)), 2));
    assert_eq!(positions(&admin).await, [1, 2]);
    let stored = ledger.read_raw(Position(1), 1).await.unwrap();
    let read = ledger.read(Position(1), 1).await.unwrap();
    assert_eq!(
        (read[0].hash, read[0].append_id),
        (stored[0].hash, context.append_id)
    );
}

#[tokio::test]
async fn what_no_standby_has_is_not_answered_as_made_however_visible_it_is() {
    let config = LedgerConfig {
        unavailable_after: Duration::from_millis(500),
        ..LedgerConfig::default()
    };
    let (_cluster, admin, ledger) = on_a_cluster(config).await;
    set_standby(&admin, "nobody").await;
    let context = context();
    let mut paid = pin!(ledger.execute::<Account>("a", deposit(2), &context));
    assert!(poll!(paid.as_mut()).is_pending());
    until_committed_here(&admin).await;
    // Its wait is cut short: what it committed is there for all to see, and nowhere else.
    assert_eq!(kill_appenders(&admin).await, 1);
    let unknown = paid.await.unwrap_err();
    assert!(matches!(unknown, ExecuteError::OutcomeUnknown), "{unknown}");
    assert_eq!(positions(&admin).await, [1, 2]);
    set_standby(&admin, "").await;
}

#[tokio::test]
async fn a_history_that_is_gone_is_told_before_anything_of_the_new_one() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    for n in 0..4 {
        ledger
            .execute::<Account>(&format!("{n}"), deposit(1), &context())
            .await
            .unwrap();
    }
    let losses = || ledger.lost_history().map_or(0, |lost| lost.times);
    // As after a failover to a standby that had only two of them.
    sqlx::raw_sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever; DELETE FROM events WHERE position > 2;
         UPDATE ledger_head SET position = 2, hash = (SELECT hash FROM events WHERE position = 2)",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    assert_eq!(kill_appenders(&world.pool).await, 1);
    assert_eq!(losses(), 0);
    let next = ledger
        .execute::<Account>("0", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!((next.position, losses()), (Some(Position(3)), 1));
    let again = ledger
        .execute::<Account>("0", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!((again.position, losses()), (Some(Position(4)), 1));
    let all = Position(1)..=Position(4);
    assert_eq!(ledger.verify(all, |_| {}).await.unwrap().events, 4);
}

/// Changes the setting and waits until commits obey it.
async fn set_standby(admin: &PgPool, name: &'static str) {
    let statement = match name {
        "" => "ALTER SYSTEM SET synchronous_standby_names = ''",
        _ => "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
    };
    sqlx::raw_sql(statement).execute(admin).await.unwrap();
    sqlx::raw_sql("SELECT pg_reload_conf()")
        .execute(admin)
        .await
        .unwrap();
    if name.is_empty() {
        return;
    }
    for n in 0.. {
        let mut probe = tokio::spawn({
            let pool = admin.clone();
            let statement: &'static str =
                "CREATE TABLE IF NOT EXISTS probe (n int); INSERT INTO probe VALUES (1)";
            async move { sqlx::raw_sql(statement).execute(&pool).await.map(drop) }
        });
        let waits = async {
            until(
                admin,
                "SELECT count(*) >= $1 FROM pg_stat_activity
                WHERE query LIKE '%probe%' AND wait_event = 'SyncRep' AND pid <> pg_backend_pid()",
                1,
            )
            .await;
        };
        tokio::select! {
            _ = &mut probe => assert!(n < 10_000, "commits never wait"),
            () = waits => {
                sqlx::raw_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE query LIKE '%probe%' AND pid <> pg_backend_pid()").execute(admin).await.unwrap();
                drop(probe.await);
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backends_killed_again_and_again_lose_and_double_nothing() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let mut head = ledger.subscribe();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let mut made = 0;
                for _ in 0..40 {
                    ledger
                        .execute::<Account>(&format!("{writer}"), deposit(1), &context())
                        .await
                        .unwrap();
                    made += 1;
                }
                made
            })
        })
        .collect();
    for kills in 1..=12 {
        head.wait_for(|head| head.0 >= 25 * kills).await.unwrap();
        kill_appenders(&world.pool).await;
    }
    let made: i64 = join_all(writers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert_eq!(made, 320);
    assert!(positions(&world.pool).await.into_iter().eq(1..=320));
    for writer in 0..8 {
        let (account, sequence) = ledger.load::<Account>(&format!("{writer}")).await.unwrap();
        assert_eq!((balance(&account), sequence), (40, 40));
    }
    assert_eq!(
        ledger
            .verify(Position(1)..=Position(320), |_| {})
            .await
            .unwrap()
            .events,
        320
    );
}
