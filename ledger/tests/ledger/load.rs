use chancery_ledger::{Ledger, LedgerConfig, LoadError, Position, StreamTypes};
use chancery_noun::{EventTypes, Life, Noun, Stream};
use cqrs_es::persist::{
    EventUpcaster, PersistedEventRepository, PersistedEventStore, PersistenceError, SerializedEvent,
};
use cqrs_es::{CqrsFramework, DomainEvent, EventStore};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::account::{Account, AccountEvent, balance, deposit, note};
use crate::support::{World, context, positions};

async fn ledger<N: Noun>(world: &World) -> Ledger {
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

/// An account to a program that reads no keys out of its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unread;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct UnreadEvent(Value);

impl EventTypes for UnreadEvent {
    const VARIANTS: &'static [&'static str] = &[];
}

impl DomainEvent for UnreadEvent {
    fn event_type(&self) -> String {
        self.0["type"].to_string()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Noun for Unread {
    const TYPE: &'static str = Account::<0>::TYPE;
    const STATE_VERSION: u32 = 1;
    type Command = Value;
    type Event = UnreadEvent;
    type Error = std::fmt::Error;

    fn decide(_: &Life<Self>, event: Value) -> Result<Vec<UnreadEvent>, std::fmt::Error> {
        Ok(vec![UnreadEvent(event)])
    }

    fn evolve(state: &mut Life<Self>, _: UnreadEvent) {
        *state = Life::Live(Self);
    }

    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        Account::<0>::upcasters()
    }
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
    // A program of that time knew no keys.
    let old = ledger::<Unread>(&world).await;
    let repository = old.repository::<Account>(context()).unwrap();
    repository
        .persist::<Stream<Account>>(&[first_version_of_deposited()], None)
        .await
        .unwrap();

    let ledger = ledger::<Account>(&world).await;
    assert_eq!(balance(&ledger.load::<Account>("a").await.unwrap().0), 42);
    let paid = ledger
        .execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    assert_eq!(balance(&paid.state), 43);
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
    let ledger = ledger::<Unread>(&world).await;
    let repository = ledger.repository::<Account>(context()).unwrap();
    repository
        .persist::<Stream<Account>>(&[first_version_of_deposited()], None)
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
    let old = ledger::<Unread>(&world).await;
    let mut event = first_version_of_deposited();
    event.payload = json!({"type": "abducted"});
    old.repository::<Account>(context())
        .unwrap()
        .persist::<Stream<Account>>(&[event], None)
        .await
        .unwrap();
    let error = old.load::<Account>("a").await.unwrap_err();
    assert!(matches!(error, LoadError::Corrupt { .. }), "{error}");
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
