use std::time::Duration;

use chancery_ledger::Position;
use chancery_projections::{Behind, Config, ProjectionName, StartError};

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, config};

async fn stored_position(world: &World) -> i64 {
    sqlx::query_scalar(
        "SELECT position FROM projection_checkpoints WHERE name = 'toy' AND slot = 'live'",
    )
    .fetch_one(&mut world.connection().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_when_the_position_is_reflected() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    for number in 1..=20 {
        let position = world.organization(&format!("toy-{number}")).await;
        projections.wait_for(TOY, position).await.unwrap();
        assert_eq!(toys(&projections).await.len(), number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_position_that_is_not_reached_ends_and_says_where_the_projection_is() {
    let world = World::new().await;
    let config = Config {
        wait: Duration::from_millis(1),
        ..config()
    };
    let patient = world.start(vec![Toy::new().boxed()]).await;
    let projections = world.start_with(config, vec![Toy::new().boxed()]).await;
    let at = world.organization("first").await;
    patient.wait_for(TOY, at).await.unwrap();
    while projections.wait_for(TOY, at).await.is_err() {}
    let position = Position(at.0 + 5);
    let behind = projections
        .wait_for_all(&[TOY], position)
        .await
        .unwrap_err();
    assert_eq!(
        behind,
        Behind {
            name: TOY,
            position,
            at,
            stopped: false
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_do_not_concern_a_projection_advance_it_without_touching_its_checkpoint() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    let relevant = world.organization("first").await;
    projections.wait_for(TOY, relevant).await.unwrap();
    let mut last = relevant;
    for _ in 0..5 {
        last = world.irrelevant().await;
    }
    projections.wait_for(TOY, last).await.unwrap();
    assert_eq!(stored_position(&world).await, relevant.0);
    projections.stop().await;
    assert_eq!(stored_position(&world).await, last.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_trails_irrelevant_events_by_a_bounded_distance() {
    let world = World::new().await;
    let config = Config {
        lazy_positions: 3,
        ..config()
    };
    let projections = world.start_with(config, vec![Toy::new().boxed()]).await;
    let mut last = Position::START;
    for _ in 0..10 {
        last = world.irrelevant().await;
        projections.wait_for(TOY, last).await.unwrap();
        assert!(last.0 - stored_position(&world).await <= 3);
    }
    assert_eq!(last, Position(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_an_unknown_projection_is_behind() {
    let world = World::new().await;
    let projections = world.start(vec![Toy::new().boxed()]).await;
    assert!(
        projections
            .wait_for(ProjectionName::new("other"), Position(1))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_cannot_name_a_schema_is_refused() {
    let world = World::new().await;
    for name in ["", "Toy", "toy\"; DROP SCHEMA public", "toy-2"] {
        let toy = Toy {
            name: ProjectionName::new(name),
            ..Toy::new()
        };
        let started = chancery_projections::Projections::start_with(
            world.ledger.clone(),
            world.database.options(),
            config(),
            vec![toy.boxed()],
        )
        .await;
        assert!(matches!(started, Err(StartError::Name(_))), "{name}");
    }
}
