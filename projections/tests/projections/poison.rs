use std::sync::atomic::Ordering;

use chancery_ledger::Position;
use chancery_projections::{ProjectionName, State};

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified, status};

const HEALTHY: ProjectionName = ProjectionName::ORGANIZATION;

async fn poisoned_world(
    toy: &Toy,
) -> (World, chancery_projections::Projections, Position, Position) {
    let world = World::new().await;
    let mut poison = Position::START;
    for name in ["a", "b", "c", "d", "e", "poison", "f", "g"] {
        let position = world.organization(name).await;
        if name == "poison" {
            poison = position;
        }
    }
    let last = world.ledger.head();
    let projections = world
        .start(vec![
            toy.boxed(),
            std::sync::Arc::new(chancery_projections::organization::Organizations),
        ])
        .await;
    (world, projections, poison, last)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_event_stops_its_projection_right_before_it_and_no_other() {
    let toy = Toy::new();
    let (_world, projections, poison, last) = poisoned_world(&toy).await;
    projections.wait_for(HEALTHY, last).await.unwrap();
    let behind = projections.wait_for(TOY, last).await.unwrap_err();
    assert!(behind.stopped);
    assert_eq!((behind.position, behind.at), (last, Position(poison.0 - 1)));
    assert_eq!(toys(&projections).await, ["a", "b", "c", "d", "e"]);

    let stopped = status(&projections, TOY).await;
    let error = stopped.error.unwrap();
    assert_eq!(stopped.state, State::Stopped);
    assert_eq!(
        (error.position, error.event.as_str()),
        (poison, "organization/organization_created")
    );
    assert_eq!(error.message, "poisoned");
    assert_eq!(status(&projections, HEALTHY).await.state, State::Live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_projection_resumes_after_a_reset_and_skips_nothing() {
    let toy = Toy::new();
    let (world, projections, _, last) = poisoned_world(&toy).await;
    projections.wait_for(TOY, last).await.unwrap_err();
    toy.immune.store(true, Ordering::SeqCst);
    assert!(projections.reset_error(TOY).await.unwrap());
    let mut status_now = status(&projections, TOY).await;
    while status_now.state != State::Live || status_now.position < last {
        status_now = status(&projections, TOY).await;
    }
    assert_eq!(
        toys(&projections).await,
        ["a", "b", "c", "d", "e", "poison", "f", "g"]
    );
    let more = world.organization("h").await;
    projections.wait_for(TOY, more).await.unwrap();
    assert!(!projections.reset_error(TOY).await.unwrap());
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_without_a_fix_stops_at_the_same_event_again() {
    let toy = Toy::new();
    let (_world, projections, poison, last) = poisoned_world(&toy).await;
    projections.wait_for(TOY, last).await.unwrap_err();
    assert!(projections.reset_error(TOY).await.unwrap());
    let mut now = status(&projections, TOY).await;
    while now.state != State::Stopped {
        now = status(&projections, TOY).await;
    }
    assert_eq!(now.error.unwrap().position, poison);
    assert_eq!(toys(&projections).await, ["a", "b", "c", "d", "e"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_a_projection_is_a_poison_event() {
    let toy = Toy {
        panics: true,
        ..Toy::new()
    };
    let (_world, projections, poison, last) = poisoned_world(&toy).await;
    assert!(projections.wait_for(TOY, last).await.unwrap_err().stopped);
    assert_eq!(
        status(&projections, TOY).await.error.unwrap().position,
        poison
    );
    assert_eq!(toys(&projections).await, ["a", "b", "c", "d", "e"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_with_the_fix_revives_a_stopped_projection() {
    let toy = Toy::new();
    let (_world, projections, _, last) = poisoned_world(&toy).await;
    projections.wait_for(TOY, last).await.unwrap_err();
    toy.immune.store(true, Ordering::SeqCst);
    assert!(projections.rebuild(TOY, |_| {}).await.unwrap() >= last);
    assert_eq!(toys(&projections).await.len(), 8);
    assert_eq!(status(&projections, TOY).await.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_meets_a_poison_event_names_it_and_leaves_the_live_tables_alone() {
    let toy = Toy::new();
    let (_world, projections, poison, last) = poisoned_world(&toy).await;
    projections.wait_for(TOY, last).await.unwrap_err();
    let error = projections.rebuild(TOY, |_| {}).await.unwrap_err();
    let chancery_projections::RebuildError::Event { position, .. } = error else {
        panic!("another error: {error}");
    };
    assert_eq!(position, poison);
    assert_eq!(toys(&projections).await, ["a", "b", "c", "d", "e"]);
    assert_eq!(status(&projections, TOY).await.rebuild, None);
}
