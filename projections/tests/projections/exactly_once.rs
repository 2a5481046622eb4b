use std::sync::Arc;

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified, config, create_organization, open};
use chancery_projections::Projections;

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_whose_session_ends_between_apply_and_commit_applies_exactly_once() {
    let world = World::new().await;
    let toy = Toy::new();
    let projections = world.start(vec![toy.boxed()]).await;
    world.organization("first").await;
    toy.gate.arm();
    let position = world.organization("second").await;
    toy.gate.entered().await;
    assert!(world.terminate("projection_toy").await);
    toy.gate.release();
    projections.wait_for(TOY, position).await.unwrap();
    assert_eq!(toys(&projections).await, ["first", "second"]);
    assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_killed_between_apply_and_commit_leaves_nothing_and_another_applies_exactly_once()
 {
    let world = World::new().await;
    let toy = Toy::new();
    toy.gate.arm();
    let position = world.organization("only").await;

    let process = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (options, projection) = (world.database.options(), toy.boxed());
    let killed = process
        .spawn(async move {
            let ledger = open(options.clone()).await;
            Projections::start_with(ledger, options, config(), vec![projection])
                .await
                .unwrap()
        })
        .await
        .unwrap();
    toy.gate.entered().await;
    process.shutdown_background();

    let projections = world.start(vec![Toy::new().boxed()]).await;
    projections.wait_for(TOY, position).await.unwrap();
    assert_eq!(toys(&projections).await, ["only"]);
    assert_verified(&projections).await;
    drop(killed);
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_of_two_replicas_apply_each_event_once_between_them() {
    let world = World::new().await;
    let other_ledger = open(world.database.options()).await;
    let here = world.start(vec![Toy::new().boxed()]).await;
    let there = Projections::start_with(
        other_ledger.clone(),
        world.database.options(),
        config(),
        vec![Toy::new().boxed()],
    )
    .await
    .unwrap();

    let world = Arc::new(world);
    let mut writers = Vec::new();
    for writer in 0..4 {
        let (world, other_ledger) = (Arc::clone(&world), other_ledger.clone());
        writers.push(tokio::spawn(async move {
            let mut last = chancery_ledger::Position::START;
            for number in 0..50 {
                let ledger = if (writer + number) % 2 == 0 {
                    &world.ledger
                } else {
                    &other_ledger
                };
                let name = format!("toy-{writer}-{number}");
                last = create_organization(ledger, world.id(), &name, &world.context()).await;
            }
            last
        }));
    }
    let mut last = chancery_ledger::Position::START;
    for writer in writers {
        last = last.max(writer.await.unwrap());
    }
    here.wait_for(TOY, last).await.unwrap();
    there.wait_for(TOY, last).await.unwrap();
    assert_eq!(toys(&here).await.len(), 200);
    assert_verified(&here).await;
}
