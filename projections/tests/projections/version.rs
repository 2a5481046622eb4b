use std::time::Duration;

use chancery_projections::{Config, State};

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified, config, status};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_version_rebuilds_in_the_background_while_the_old_tables_serve() {
    let world = World::new().await;
    let old = world.start(vec![Toy::new().boxed()]).await;
    let first = world.organization("first").await;
    old.wait_for(TOY, first).await.unwrap();
    old.stop().await;

    let toy = Toy {
        version: 2,
        ..Toy::new()
    };
    toy.gate.arm();
    let projections = world.start(vec![toy.boxed()]).await;
    toy.gate.entered().await;
    let second = world.organization("second").await;

    // The rebuild is held back: the old tables answer, frozen, and waiting for them ends at once.
    assert_eq!(toys(&projections).await, ["first"]);
    let behind = projections.wait_for(TOY, second).await.unwrap_err();
    assert!(!behind.stopped);
    let frozen = status(&projections, TOY).await;
    assert_eq!(
        (frozen.version, frozen.program_version, frozen.state),
        (1, 2, State::Rebuilding)
    );

    toy.gate.release();
    while projections.wait_for(TOY, second).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(toys(&projections).await, ["first", "second"]);
    let live = status(&projections, TOY).await;
    assert_eq!((live.version, live.state), (2, State::Live));
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_of_the_old_version_goes_on_serving_after_the_swap_without_applying() {
    let world = World::new().await;
    let old = world.start(vec![Toy::new().boxed()]).await;
    let first = world.organization("first").await;
    old.wait_for(TOY, first).await.unwrap();

    let new = world
        .start(vec![
            Toy {
                version: 2,
                ..Toy::new()
            }
            .boxed(),
        ])
        .await;
    while new.wait_for(TOY, first).await.is_err() {
        tokio::task::yield_now().await;
    }
    while status(&new, TOY).await.version != 2 {}
    let second = world.organization("second").await;
    while new.wait_for(TOY, second).await.is_err() {
        tokio::task::yield_now().await;
    }
    old.wait_for(TOY, second).await.unwrap();
    assert_eq!(toys(&old).await, ["first", "second"]);
    assert_verified(&new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_makes_no_progress_is_given_up_and_begun_anew() {
    let world = World::new().await;
    let old = world.start(vec![Toy::new().boxed()]).await;
    let first = world.organization("first").await;
    old.wait_for(TOY, first).await.unwrap();
    old.stop().await;

    let toy = Toy {
        version: 2,
        ..Toy::new()
    };
    // Nobody lets it go.
    toy.gate.arm();
    let impatient = Config {
        stalled_after: Duration::from_secs(1),
        ..config()
    };
    let projections = world.start_with(impatient, vec![toy.boxed()]).await;
    toy.gate.entered().await;
    while status(&projections, TOY).await.version != 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(toys(&projections).await, ["first"]);
    assert_verified(&projections).await;
}
