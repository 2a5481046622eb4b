use chancery_ledger::{Ledger, LedgerConfig, StreamTypes};
use chancery_noun::{Noun, Stream};
use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, PersistenceError, SerializedEvent,
};
use cqrs_es::{CqrsFramework, EventStore};
use serde_json::json;

use crate::support::account::{Account, balance, deposit, note};
use crate::support::{World, context, positions};
use crate::upcast::first_version_of_deposited;

/// A ledger of one noun, on the world's database.
pub(crate) async fn ledger<N: Noun>(world: &World) -> Ledger {
    let types = StreamTypes::new().with::<N>();
    Ledger::open(
        world.database.options(),
        world.pool.clone(),
        types,
        LedgerConfig::default(),
    )
    .await
    .unwrap()
}

type Snapshotted = Account<100>;

/// A thousand events with a snapshot every hundred, by a ledger that is closed again.
async fn long_stream(world: &World) {
    let ledger = ledger::<Snapshotted>(world).await;
    for amount in 1..=500 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Snapshotted>("a", deposit(amount))
            .await
            .unwrap();
        unit.execute::<Snapshotted>("a", note("paid"))
            .await
            .unwrap();
        unit.commit().await.unwrap();
    }
    ledger.close().await;
}

async fn mark_snapshots(world: &World) {
    sqlx::query(
        "UPDATE snapshots SET payload = '{\"Live\": {\"name\": \"marked\", \"balance\": 1, \"notes\": 2}}'",
    )
    .execute(&world.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_long_stream_loads_from_its_snapshot_and_equals_a_full_replay() {
    let world = World::new().await;
    long_stream(&world).await;
    let full = ledger::<Account>(&world).await;
    let replayed = full.load::<Account>("a").await.unwrap();
    let state = json!({"Live": {"name": null, "balance": 125_250, "notes": 500}});
    assert_eq!((json!(replayed.0), replayed.1), (state.clone(), 1000));

    let snapshots = ledger::<Snapshotted>(&world).await;
    let loaded = snapshots.load::<Snapshotted>("a").await.unwrap();
    assert_eq!((json!(loaded.0), loaded.1), (state, 1000));
    // What the snapshot says is what is loaded: it was used.
    mark_snapshots(&world).await;
    let (account, sequence) = snapshots.load::<Snapshotted>("a").await.unwrap();
    let name = account.live().unwrap().name.as_deref();
    assert_eq!((name, sequence), (Some("marked"), 1000));
}

#[tokio::test]
async fn a_snapshot_of_another_version_is_ignored() {
    let world = World::new().await;
    long_stream(&world).await;
    mark_snapshots(&world).await;
    let (account, sequence) = ledger::<Account<100, 2>>(&world)
        .await
        .load::<Account<100, 2>>("a")
        .await
        .unwrap();
    assert_eq!((balance(&account), sequence), (125_250, 1000));
}

#[tokio::test]
async fn events_after_a_snapshot_are_applied_once() {
    let world = World::new().await;
    let ledger = ledger::<Account<3>>(&world).await;
    for _ in 0..8 {
        ledger
            .execute::<Account<3>>("a", deposit(1), &context())
            .await
            .unwrap();
    }
    let types = ledger.clone();
    ledger.close().await;
    let last: i64 = sqlx::query_scalar("SELECT last_sequence FROM snapshots")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(last, 6);
    let (account, sequence) = types.load::<Account<3>>("a").await.unwrap();
    assert_eq!((balance(&account), sequence), (8, 8));
}

#[tokio::test]
async fn cqrs_es_s_framework_runs_on_the_repository() {
    let world = World::new().await;
    let ledger = ledger::<Account>(&world).await;
    // Three at a time would make the library store snapshots, with events applied twice.
    let store = || {
        PersistedEventStore::<_, Stream<Account>>::new_snapshot_store(
            ledger.repository::<Account>(context()).unwrap(),
            3,
        )
    };
    let framework = CqrsFramework::new(store(), Vec::new(), ());
    for _ in 0..4 {
        framework.execute("a", deposit(5)).await.unwrap();
    }
    assert_eq!(positions(&world.pool).await, [1, 2, 3, 4]);
    assert_eq!(balance(&ledger.load::<Account>("a").await.unwrap().0), 20);
    assert_eq!(store().load_events("a").await.unwrap().len(), 4);

    let repository = ledger.repository::<Account>(context()).unwrap();
    let conflict = repository
        .persist::<Stream<Account>>(&[first_of_two()], None)
        .await
        .unwrap_err();
    assert!(matches!(conflict, PersistenceError::OptimisticLockError));
}

fn first_of_two() -> SerializedEvent {
    SerializedEvent {
        event_version: "2.0".to_owned(),
        payload: json!({"type": "deposited", "amount": 1}),
        ..first_version_of_deposited()
    }
}

#[tokio::test]
async fn replay_streams_deliver_everything_in_global_order_or_an_error() {
    let world = World::new().await;
    let ledger = ledger::<Account>(&world).await;
    for n in 0..600 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Account>("a", deposit(n + 1)).await.unwrap();
        unit.execute::<Account>("b", deposit(n + 1)).await.unwrap();
        unit.commit().await.unwrap();
    }
    let repository = ledger.repository::<Account>(context()).unwrap();
    let mut stream = repository
        .stream_events::<Stream<Account>>("a")
        .await
        .unwrap();
    let mut sequences = Vec::new();
    while let Some(event) = stream.next::<Stream<Account>>(&[]).await {
        sequences.push(event.unwrap().sequence);
    }
    assert!(sequences.into_iter().eq(1..=600));

    let mut stream = repository
        .stream_all_events::<Stream<Account>>()
        .await
        .unwrap();
    let mut order = Vec::new();
    while let Some(event) = stream.next::<Stream<Account>>(&[]).await {
        let event = event.unwrap();
        order.push((event.sequence, event.aggregate_id));
    }
    let expected = (1..=600).flat_map(|n| [(n, "a".to_owned()), (n, "b".to_owned())]);
    assert!(order.into_iter().eq(expected));

    world.pool.close().await;
    let mut stream = repository
        .stream_all_events::<Stream<Account>>()
        .await
        .unwrap();
    assert!(stream.next::<Stream<Account>>(&[]).await.unwrap().is_err());
}
