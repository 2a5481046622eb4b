use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chancery_ledger::Position;
use chancery_projections::{ProjectionName, RebuildError, all};
use tokio::sync::oneshot;

use crate::history::History;
use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified, status};

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_equals_the_live_tables_byte_for_byte_while_writes_go_on() {
    let history = Arc::new(History::new(all()).await);
    history.first_user().await;
    let done = Arc::new(AtomicBool::new(false));
    let (started, running) = oneshot::channel();
    let writer = tokio::spawn({
        let (history, done) = (Arc::clone(&history), Arc::clone(&done));
        async move {
            let mut last = history.lifetime_of_an_app().await;
            started.send(()).unwrap();
            while !done.load(Ordering::SeqCst) {
                last = history.lifetime_of_an_app().await;
            }
            last
        }
    });
    running.await.unwrap();
    for name in history.projections.names() {
        history.projections.rebuild(name, |_| {}).await.unwrap();
        assert_eq!(
            history
                .projections
                .verify(name, |_| {})
                .await
                .unwrap()
                .difference,
            None,
            "{name}"
        );
    }
    done.store(true, Ordering::SeqCst);
    let last = writer.await.unwrap();
    for name in history.projections.names() {
        history.projections.wait_for(name, last).await.unwrap();
    }
    assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_applied_event_by_event_equals_the_same_history_applied_at_once() {
    let history = History::new(all()).await;
    history.first_user().await;
    for _ in 0..3 {
        let last = history.lifetime_of_an_app().await;
        for name in history.projections.names() {
            history.projections.wait_for(name, last).await.unwrap();
        }
    }
    for name in history.projections.names() {
        let verified = history.projections.verify(name, |_| {}).await.unwrap();
        assert_eq!(verified.difference, None, "{name}");
        assert!(verified.rows > 0 || verified.tables > 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_differs_is_reported() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let position = world.organization("right").await;
    projections.wait_for(TOY, position).await.unwrap();
    sqlx::query("UPDATE toys SET name = 'wrong'")
        .execute(projections.pool())
        .await
        .unwrap();
    let difference = projections
        .verify(TOY, |_| {})
        .await
        .unwrap()
        .difference
        .unwrap();
    assert_eq!(difference.table, "toys");
    assert_eq!(difference.live.as_deref(), Some("(1,wrong)"));
    assert_eq!(difference.rebuilt.as_deref(), Some("(1,right)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_answered_all_through_a_swap() {
    let world = World::new().await;
    let toy = Toy::new();
    let projections = world.start(vec![toy.boxed()]).await;
    for number in 0..20 {
        world.organization(&format!("toy-{number}")).await;
    }
    projections
        .wait_for(TOY, world.ledger.head())
        .await
        .unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (projections, done) = (projections.clone(), Arc::clone(&done));
        async move {
            let mut reads = 0;
            while !done.load(Ordering::SeqCst) || reads == 0 {
                assert_eq!(toys(&projections).await.len(), 20);
                reads += 1;
            }
        }
    });
    for _ in 0..5 {
        projections.rebuild(TOY, |_| {}).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    reader.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_still_reads_the_old_tables_does_not_hold_up_a_swap() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let position = world.organization("kept").await;
    projections.wait_for(TOY, position).await.unwrap();
    let mut reader = projections.pool().begin().await.unwrap();
    let before: i64 = sqlx::query_scalar("SELECT count(*) FROM toys")
        .fetch_one(&mut *reader)
        .await
        .unwrap();
    assert_eq!(before, 1);

    let rebuild = tokio::spawn({
        let projections = projections.clone();
        async move { projections.rebuild(TOY, |_| {}).await }
    });
    // The old tables are there from the swap until nobody reads them.
    let mut connection = world.connection().await;
    let mut swapped = false;
    while !swapped {
        swapped = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'projection_toy_old')",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
    }
    let next = world.organization("next").await;
    projections.wait_for(TOY, next).await.unwrap();
    assert_eq!(toys(&projections).await, ["kept", "next"]);
    reader.rollback().await.unwrap();
    rebuild.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_rebuild_leaves_the_live_tables_and_the_next_one_starts_over() {
    let world = World::new().await;
    let toy = Toy::new();
    let projections = world.start(vec![toy.boxed()]).await;
    let position = world.organization("first").await;
    projections.wait_for(TOY, position).await.unwrap();

    toy.gate.arm();
    let rebuild = tokio::spawn({
        let projections = projections.clone();
        async move { projections.rebuild(TOY, |_| {}).await }
    });
    toy.gate.entered().await;
    rebuild.abort();
    assert!(rebuild.await.unwrap_err().is_cancelled());
    assert_eq!(toys(&projections).await, ["first"]);

    // The server may take a moment to notice that the killed one's session is gone.
    while let Err(error) = projections.rebuild(TOY, |_| {}).await {
        assert!(matches!(error, RebuildError::AlreadyRunning(_)), "{error}");
    }
    assert_eq!(toys(&projections).await, ["first"]);
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_rebuild_left_is_removed_at_the_next_start() {
    let world = World::new().await;
    let toy = Toy::new();
    let projections = world.start(vec![toy.boxed()]).await;
    let position = world.organization("first").await;
    projections.wait_for(TOY, position).await.unwrap();
    toy.gate.arm();
    let rebuild = tokio::spawn({
        let projections = projections.clone();
        async move { projections.rebuild(TOY, |_| {}).await }
    });
    toy.gate.entered().await;
    assert!(world.terminate("projection_toy_rebuild").await);
    toy.gate.release();
    assert!(matches!(
        rebuild.await.unwrap(),
        Err(RebuildError::Database(_))
    ));
    projections.stop().await;

    let projections = world.start(vec![toy.boxed()]).await;
    let schemas: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'projection_toy_%'",
    )
    .fetch_one(projections.pool())
    .await
    .unwrap();
    assert_eq!(schemas, 0);
    assert_eq!(status(&projections, TOY).await.rebuild, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rebuild_at_the_same_time_is_refused() {
    let world = World::new().await;
    let toy = Toy::new();
    let projections = world.start(vec![toy.boxed()]).await;
    let position = world.organization("first").await;
    projections.wait_for(TOY, position).await.unwrap();
    toy.gate.arm();
    let first = tokio::spawn({
        let projections = projections.clone();
        async move { projections.rebuild(TOY, |_| {}).await }
    });
    toy.gate.entered().await;
    assert!(status(&projections, TOY).await.rebuild.is_some());
    let second = projections.rebuild(TOY, |_| {}).await;
    assert!(matches!(second, Err(RebuildError::AlreadyRunning(TOY))));
    toy.gate.release();
    assert_eq!(first.await.unwrap().unwrap(), position);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_reaches_the_head() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let last = world.organization("first").await;
    let mut seen = Vec::new();
    projections
        .rebuild(TOY, |progress| seen.push(progress.position))
        .await
        .unwrap();
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&last));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_of_an_unknown_projection_is_refused() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let rebuilt = projections
        .rebuild(ProjectionName::new("other"), |_| {})
        .await;
    assert!(matches!(rebuilt, Err(RebuildError::Unknown(_))));
    assert_eq!(world.ledger.head(), Position::START);
}
