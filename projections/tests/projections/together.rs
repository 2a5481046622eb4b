//! Several projections rebuilt or verified in one pass over the log.

use std::sync::atomic::Ordering;

use chancery_projections::{Config, ProjectionName, Projections, RebuildError, all};

use crate::history::History;
use crate::toy::{TOY, Toy};
use crate::world::{World, assert_verified, status};

const OTHER: ProjectionName = ProjectionName::new("other_toy");

fn other() -> Toy {
    Toy {
        name: OTHER,
        ..Toy::new()
    }
}

async fn count(projections: &Projections, table: &'static str) -> i64 {
    sqlx::query_scalar(table)
        .fetch_one(projections.pool())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_read_models_rebuilt_in_one_pass_equal_those_that_followed() {
    let history = History::new(all()).await;
    history.first_user().await;
    for _ in 0..3 {
        history.lifetime_of_an_app().await;
    }
    let last = history.lifetime_of_an_app().await;
    let names: Vec<ProjectionName> = history.projections.names().collect();
    let mut seen = Vec::new();
    let rebuilt = history
        .projections
        .rebuild_all(&names, |progress| seen.push(progress.position))
        .await
        .unwrap();
    assert_eq!(rebuilt.len(), names.len());
    for ((name, outcome), expected) in rebuilt.into_iter().zip(names) {
        assert_eq!(name, expected);
        assert!(outcome.unwrap() >= last, "{name}");
    }
    assert_eq!(seen.iter().max(), Some(&last));
    assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_batches_make_the_same_read_models_as_large_ones() {
    let history = History::new(all()).await;
    history.first_user().await;
    for _ in 0..3 {
        history.lifetime_of_an_app().await;
    }
    history.settle().await;
    let names: Vec<ProjectionName> = history.projections.names().collect();
    for rebuild_batch in [1, 2, 3, 7] {
        let config = Config {
            follow: false,
            rebuild_batch,
            ..Config::default()
        };
        let projections = history.world.start_with(config, all()).await;
        for (name, verified) in projections.verify_all(&names, |_| {}).await.unwrap() {
            assert_eq!(verified.unwrap().difference, None, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_an_event_stops_holds_no_other_back() {
    let world = World::new().await;
    let (sick, well) = (Toy::new(), other());
    sick.immune.store(true, Ordering::SeqCst);
    well.immune.store(true, Ordering::SeqCst);
    let projections = world.start(vec![sick.boxed(), well.boxed()]).await;
    for name in ["before", "poison", "after"] {
        world.organization(name).await;
    }
    let last = world.ledger.head();
    projections.wait_for_all(&[TOY, OTHER], last).await.unwrap();
    sick.immune.store(false, Ordering::SeqCst);

    let mut outcomes = projections
        .rebuild_all(&[TOY, OTHER], |_| {})
        .await
        .unwrap()
        .into_iter();
    let (name, failed) = outcomes.next().unwrap();
    assert_eq!(name, TOY);
    assert!(
        matches!(&failed, Err(RebuildError::Event { message, .. }) if message == "poisoned"),
        "{failed:?}"
    );
    let (name, rebuilt) = outcomes.next().unwrap();
    assert_eq!((name, rebuilt.unwrap()), (OTHER, last));
    assert_eq!(status(&projections, TOY).await.rebuild, None);
    let live = "SELECT count(*) FROM projection_toy.toys";
    assert_eq!(count(&projections, live).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_one_is_being_rebuilt_already_nothing_is_begun() {
    let world = World::new().await;
    let (free, busy) = (other(), Toy::new());
    let projections = world.start(vec![free.boxed(), busy.boxed()]).await;
    let position = world.organization("first").await;
    projections
        .wait_for_all(&[TOY, OTHER], position)
        .await
        .unwrap();
    busy.gate.arm();
    let first = tokio::spawn({
        let projections = projections.clone();
        async move { projections.rebuild(TOY, |_| {}).await }
    });
    busy.gate.entered().await;
    let second = projections.rebuild_all(&[OTHER, TOY], |_| {}).await;
    assert!(matches!(second, Err(RebuildError::AlreadyRunning(TOY))));
    assert_eq!(status(&projections, OTHER).await.rebuild, None);
    busy.gate.release();
    assert_eq!(first.await.unwrap().unwrap(), position);
    // The lock on the other was given back.
    assert_eq!(
        projections.rebuild(OTHER, |_| {}).await.unwrap(),
        world.ledger.head()
    );
}
