//! A failover to a standby that lacked the end of the log, or an older copy restored beneath a living process.

use chancery_ledger::Position;

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified};

/// The database goes back to an earlier moment, the toy's tables with it.
const GO_BACK: &str = "
    ALTER TABLE events DISABLE TRIGGER events_are_forever;
    DELETE FROM unique_keys k USING events e
    WHERE e.position > 2 AND k.aggregate_type = e.aggregate_type AND k.aggregate_id = e.aggregate_id;
    DELETE FROM events WHERE position > 2;
    UPDATE ledger_head h SET position = e.position, hash = e.hash, recorded_at = e.recorded_at
    FROM events e WHERE e.position = 2;
    DELETE FROM projection_toy.toys WHERE position > 2;
    UPDATE projection_checkpoints c SET position = e.position, hash = e.hash
    FROM events e WHERE e.position = 2 AND c.name = 'toy' AND c.slot = 'live';
";

async fn go_back(world: &World) {
    sqlx::raw_sql(GO_BACK)
        .execute(&mut world.connection().await)
        .await
        .unwrap();
}

async fn fail_over(world: &World) {
    let mut connection = world.connection().await;
    let statements = format!("BEGIN; {GO_BACK} TRUNCATE incarnation; COMMIT");
    sqlx::raw_sql(&statements)
        .execute(&mut connection)
        .await
        .unwrap();
    world.terminate_all().await;
}

async fn with_five(world: &World) -> chancery_projections::Projections {
    let projections = world.start(vec![Toy::new().boxed()]).await;
    for name in ["a", "b", "c", "d", "e"] {
        let position = world.organization(name).await;
        projections.wait_for(TOY, position).await.unwrap();
    }
    projections
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_that_lost_the_tail_read_models_follow_the_log_that_is_there() {
    let world = World::new().await;
    let projections = with_five(&world).await;
    fail_over(&world).await;
    for name in ["x", "y", "z", "v"] {
        let position = world.organization(name).await;
        projections.wait_for(TOY, position).await.unwrap();
    }
    assert_eq!(toys(&projections).await, ["a", "b", "x", "y", "z", "v"]);
    let lost = world.ledger.lost_history().unwrap();
    assert_eq!((lost.known, lost.found), (Position(5), Position(2)));
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_restored_beneath_living_sessions_is_noticed_and_the_head_goes_down() {
    let world = World::new().await;
    let projections = with_five(&world).await;
    let mut head = world.ledger.subscribe();
    go_back(&world).await;
    head.wait_for(|head| *head == Position(2)).await.unwrap();
    assert_eq!(world.ledger.history(), 1);
    let position = world.organization("x").await;
    assert_eq!(position, Position(3));
    projections.wait_for(TOY, position).await.unwrap();
    assert_eq!(toys(&projections).await, ["a", "b", "x"]);
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_show_what_the_log_does_not_have_are_rebuilt_by_themselves() {
    let world = World::new().await;
    let projections = with_five(&world).await;
    projections.stop().await;
    // Only the log is restored.
    let (log, _) = GO_BACK.split_once("DELETE FROM projection_toy").unwrap();
    sqlx::raw_sql(log)
        .execute(&mut world.connection().await)
        .await
        .unwrap();
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let position = world.organization("x").await;
    while projections.wait_for(TOY, position).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(toys(&projections).await, ["a", "b", "x"]);
    assert_verified(&projections).await;
}
