use chancery_ledger::{Ledger, LedgerConfig, LoadError, Position, StreamType, StreamTypes};
use cqrs_es::persist::{
    PersistedEventRepository, PersistedEventStore, PersistenceError, SerializedEvent,
};
use cqrs_es::{CqrsFramework, EventStore};
use serde_json::json;

use crate::support::account::{Account, AccountEvent, deposit, note, stream_type};
use crate::support::{World, context, positions};

async fn ledger(world: &World, stream_type: StreamType<Account>) -> Ledger {
    let types = StreamTypes::new().with(stream_type);
    Ledger::open(
        world.database.options(),
        world.pool.clone(),
        types,
        LedgerConfig::default(),
    )
    .await
    .unwrap()
}

/// A thousand events with a snapshot every hundred, by a ledger that is closed again.
async fn long_stream(world: &World) {
    let ledger = ledger(
        world,
        StreamType {
            snapshot_every: Some(100),
            ..stream_type()
        },
    )
    .await;
    for amount in 1..=500 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Account>("a", deposit(amount)).await.unwrap();
        unit.execute::<Account>("a", note("paid")).await.unwrap();
        unit.commit().await.unwrap();
    }
    ledger.close().await;
}

#[tokio::test]
async fn a_long_stream_loads_from_its_snapshot_and_equals_a_full_replay() {
    let world = World::new().await;
    long_stream(&world).await;
    let full = ledger(&world, stream_type()).await;
    let replayed = full.load::<Account>("a").await.unwrap();
    assert_eq!(
        (replayed.0.balance, replayed.0.notes, replayed.1),
        (125_250, 500, 1000)
    );

    let snapshots = ledger(
        &world,
        StreamType {
            snapshot_every: Some(100),
            ..stream_type()
        },
    )
    .await;
    assert_eq!(snapshots.load::<Account>("a").await.unwrap(), replayed);
    // What the snapshot says is what is loaded: it was used.
    sqlx::query(
        "UPDATE snapshots SET payload = '{\"name\": \"marked\", \"balance\": 1, \"notes\": 2}'",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let (account, sequence) = snapshots.load::<Account>("a").await.unwrap();
    assert_eq!((account.name.as_deref(), sequence), (Some("marked"), 1000));
}

#[tokio::test]
async fn a_snapshot_of_another_version_is_ignored() {
    let world = World::new().await;
    long_stream(&world).await;
    sqlx::query(
        "UPDATE snapshots SET payload = '{\"name\": \"marked\", \"balance\": 1, \"notes\": 2}'",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let next = StreamType {
        snapshot_every: Some(100),
        snapshot_version: 2,
        ..stream_type()
    };
    let (account, sequence) = ledger(&world, next)
        .await
        .load::<Account>("a")
        .await
        .unwrap();
    assert_eq!(
        (account.balance, account.notes, sequence),
        (125_250, 500, 1000)
    );
}

#[tokio::test]
async fn events_after_a_snapshot_are_applied_once() {
    let world = World::new().await;
    let ledger = ledger(
        &world,
        StreamType {
            snapshot_every: Some(3),
            ..stream_type()
        },
    )
    .await;
    for _ in 0..8 {
        ledger
            .execute::<Account>("a", deposit(1), &context())
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
    let (account, sequence) = types.load::<Account>("a").await.unwrap();
    assert_eq!((account.balance, sequence), (8, 8));
}

fn first_version_of_deposited() -> SerializedEvent {
    SerializedEvent::new(
        "a".to_owned(),
        1,
        "account".to_owned(),
        "deposited".to_owned(),
        "1.0".to_owned(),
        json!({"type": "deposited", "sum": 42}),
        json!({}),
    )
}

#[tokio::test]
async fn an_event_of_an_old_version_is_upcast_wherever_it_is_read() {
    let world = World::new().await;
    // A program of that time knew no upcaster and no keys.
    let old = ledger(
        &world,
        StreamType {
            unique_keys: None,
            upcasters: Vec::new,
            ..stream_type()
        },
    )
    .await;
    let repository = old.repository::<Account>(context()).unwrap();
    repository
        .persist::<Account>(&[first_version_of_deposited()], None)
        .await
        .unwrap();

    let ledger = ledger(&world, stream_type()).await;
    assert_eq!(ledger.load::<Account>("a").await.unwrap().0.balance, 42);
    let paid = ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!(paid.aggregate.balance, 43);
    let event = &ledger.read(Position(0), 1).await.unwrap()[0];
    assert_eq!(
        event.decode::<AccountEvent>().unwrap(),
        AccountEvent::Deposited { amount: 42 }
    );
    assert_eq!(event.event_version, "2.0.0");
    let event = &ledger.read_stream("account", "a").await.unwrap()[0];
    assert_eq!(
        event.decode::<AccountEvent>().unwrap(),
        AccountEvent::Deposited { amount: 42 }
    );
    // As stored, it is what it always was.
    let stored = &ledger.read_raw(Position(0), 1).await.unwrap()[0];
    assert_eq!(
        (stored.event_version.as_str(), stored.payload.get()),
        ("1.0", r#"{"sum":42,"type":"deposited"}"#)
    );
    assert_eq!(
        ledger
            .verify(Position(1)..=Position(9), |_| {})
            .await
            .unwrap()
            .events,
        2
    );
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn recent_events_of_an_old_version_are_upcast_too() {
    let world = World::new().await;
    let ledger = ledger(
        &world,
        StreamType {
            unique_keys: None,
            ..stream_type()
        },
    )
    .await;
    let repository = ledger.repository::<Account>(context()).unwrap();
    repository
        .persist::<Account>(&[first_version_of_deposited()], None)
        .await
        .unwrap();
    world.pool.close().await;
    let event = &ledger.read(Position(0), 1).await.unwrap()[0];
    assert_eq!(
        event.decode::<AccountEvent>().unwrap(),
        AccountEvent::Deposited { amount: 42 }
    );
}

#[tokio::test]
async fn an_event_that_its_aggregate_does_not_know_is_reported() {
    let world = World::new().await;
    let old = ledger(
        &world,
        StreamType {
            unique_keys: None,
            upcasters: Vec::new,
            ..stream_type()
        },
    )
    .await;
    let mut event = first_version_of_deposited();
    event.payload = json!({"type": "abducted"});
    old.repository::<Account>(context())
        .unwrap()
        .persist::<Account>(&[event], None)
        .await
        .unwrap();
    let error = old.load::<Account>("a").await.unwrap_err();
    assert!(matches!(error, LoadError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn cqrs_es_s_framework_runs_on_the_repository() {
    let world = World::new().await;
    let ledger = ledger(&world, stream_type()).await;
    // Three at a time would make the library store snapshots, with events applied twice.
    let store = || {
        PersistedEventStore::<_, Account>::new_snapshot_store(
            ledger.repository::<Account>(context()).unwrap(),
            3,
        )
    };
    let framework = CqrsFramework::new(store(), Vec::new(), ());
    for _ in 0..4 {
        framework.execute("a", deposit(5)).await.unwrap();
    }
    assert_eq!(positions(&world.pool).await, [1, 2, 3, 4]);
    assert_eq!(ledger.load::<Account>("a").await.unwrap().0.balance, 20);
    assert_eq!(store().load_events("a").await.unwrap().len(), 4);

    let repository = ledger.repository::<Account>(context()).unwrap();
    let conflict = repository
        .persist::<Account>(&[first_of_two()], None)
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
    let ledger = ledger(&world, stream_type()).await;
    for n in 0..600 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Account>("a", deposit(n + 1)).await.unwrap();
        unit.execute::<Account>("b", deposit(n + 1)).await.unwrap();
        unit.commit().await.unwrap();
    }
    let repository = ledger.repository::<Account>(context()).unwrap();
    let mut stream = repository.stream_events::<Account>("a").await.unwrap();
    let mut sequences = Vec::new();
    while let Some(event) = stream.next::<Account>(&[]).await {
        sequences.push(event.unwrap().sequence);
    }
    assert!(sequences.into_iter().eq(1..=600));

    let mut stream = repository.stream_all_events::<Account>().await.unwrap();
    let mut order = Vec::new();
    while let Some(event) = stream.next::<Account>(&[]).await {
        let event = event.unwrap();
        order.push((event.sequence, event.aggregate_id));
    }
    let expected = (1..=600).flat_map(|n| [(n, "a".to_owned()), (n, "b".to_owned())]);
    assert!(order.into_iter().eq(expected));

    world.pool.close().await;
    let mut stream = repository.stream_all_events::<Account>().await.unwrap();
    assert!(stream.next::<Account>(&[]).await.unwrap().is_err());
}
