//! A crash of PostgreSQL takes back what read models committed without waiting for the disk. Nobody is answered from them
//! before they have it again.

use chancery_aggregates::api_key::{DeletionReason, Origin};
use chancery_ledger::Position;
use chancery_postgres::testing::cluster;
use chancery_projections::{all, api_key};
use sqlx::PgConnection;

use crate::history::History;
use crate::toy::{TOY, Toy};
use crate::world::{Database, World};

/// A world in a cluster that writes what was committed without waiting only when it must.
async fn forgetful_world() -> World {
    let world = World::on(Database::Own(cluster().await)).await;
    let mut connection = world.connection().await;
    for statement in [
        "ALTER SYSTEM SET wal_writer_delay = '10s'",
        "ALTER SYSTEM SET autovacuum = off",
        "SELECT pg_reload_conf()",
    ] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    world
}

/// Kills PostgreSQL while the last commit of a read model is not on disk.
async fn crash(world: &World, connection: &mut PgConnection) {
    let unwritten: bool =
        sqlx::query_scalar("SELECT pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn()")
            .fetch_one(connection)
            .await
            .unwrap();
    assert!(
        unwritten,
        "everything is on disk: the crash would lose nothing"
    );
    match &world.database {
        Database::Own(cluster) => cluster.kill(),
        Database::Shared(_) => panic!("the shared cluster is not killed"),
    }
}

/// The first answer after the crash.
async fn look_up(history: &History, key: &str) -> Option<api_key::ApiKey> {
    let pool = history.projections.pool();
    loop {
        match api_key::find(pool, history.user_id(), key).await {
            Ok(found) => return found,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_right_before_a_crash_is_ended_after_it_though_nobody_writes() {
    let history = History::of(forgetful_world().await, all()).await;
    history.first_user().await;
    let key = history.key(Origin::Login, None).await;
    history.settle().await;
    let pool = history.projections.pool();
    assert!(
        api_key::find(pool, history.user_id(), &key)
            .await
            .unwrap()
            .is_some()
    );
    let mut connection = history.world.connection().await;
    history.delete_key(&key, DeletionReason::Logout).await;
    history.settle().await;
    assert!(
        api_key::find(pool, history.user_id(), &key)
            .await
            .unwrap()
            .is_none()
    );
    crash(&history.world, &mut connection).await;
    assert!(look_up(&history, &key).await.is_none());
    history.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_answered_right_before_a_crash_is_there_after_it() {
    let history = History::of(forgetful_world().await, all()).await;
    history.first_user().await;
    history.settle().await;
    let mut connection = history.world.connection().await;
    let key = history.key(Origin::Login, None).await;
    history.settle().await;
    crash(&history.world, &mut connection).await;
    assert!(look_up(&history, &key).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_is_answered_before_read_models_have_caught_up_with_the_log_at_the_start() {
    let world = World::new().await;
    let toy = Toy::new();
    toy.gate.arm();
    world.organization("first").await;
    let projections = world.start(vec![toy.boxed()]).await;
    toy.gate.entered().await;
    let pool = projections.pool().clone();
    let asked = tokio::spawn(async move {
        loop {
            let names = sqlx::query_scalar::<_, String>("SELECT name FROM toys");
            if let Ok(names) = names.fetch_all(&pool).await {
                return names;
            }
        }
    });
    assert!(!asked.is_finished());
    toy.gate.release();
    assert_eq!(asked.await.unwrap(), ["first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_follower_that_lost_its_session_vouches_for_nothing_until_it_has_another() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let first = world.organization("first").await;
    projections.wait_for(TOY, first).await.unwrap();
    // As a crash does to it: the row goes back, the session ends.
    let mut connection = world.connection().await;
    sqlx::raw_sql(
        "TRUNCATE projection_toy.toys, incarnation;
         UPDATE projection_checkpoints SET position = 0, hash = decode(repeat('00', 32), 'hex')
         WHERE name = 'toy' AND slot = 'live'",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    world.terminate_all().await;
    let names: Vec<String> = loop {
        let names = sqlx::query_scalar("SELECT name FROM toys");
        if let Ok(names) = names.fetch_all(projections.pool()).await {
            break names;
        }
    };
    assert_eq!(names, ["first"]);
    projections.wait_for(TOY, first).await.unwrap();
    assert_eq!(first, Position(1));
}
