//! Events of an old version are read as ones of the present version, wherever they are read.

use chancery_ledger::{LoadError, Position};
use chancery_noun::Stream;
use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use serde_json::json;

use crate::load::ledger;
use crate::support::account::{Account, AccountEvent, balance, deposit};
use crate::support::foreign::Foreign;
use crate::support::{World, context};

/// As a program recorded it that knew version 1.0.
pub(crate) fn first_version_of_deposited() -> SerializedEvent {
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
    let old = ledger::<Foreign>(&world).await;
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
    let ledger = ledger::<Foreign>(&world).await;
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
    let old = ledger::<Foreign>(&world).await;
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
