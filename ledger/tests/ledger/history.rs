use chancery_ledger::{EventFilter, LedgerReader, Position, ReplayError};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::account::{Account, deposit, open, types, withdraw};
use crate::support::{World, context_at, time};

/// Two accounts, an event a second from second 1 on: opened a, deposited 5, opened b, withdrawn 2.
async fn recorded() -> (World, LedgerReader) {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let commands = [
        ("a", open("ada")),
        ("a", deposit(5)),
        ("b", open("bob")),
        ("a", withdraw(2)),
    ];
    for (second, (id, command)) in (1..).zip(commands) {
        ledger
            .execute::<Account>(id, command, &context_at(time(second * 1000)))
            .await
            .unwrap();
    }
    let reader = LedgerReader::new(world.pool.clone(), types());
    (world, reader)
}

#[tokio::test]
async fn a_stream_is_replayed_to_any_position_with_the_state_after_each_event() {
    let (_world, reader) = recorded().await;
    let replay = reader.replay("account", "a", Position(3)).await.unwrap();
    assert!(replay.initial.is_null());
    let states: Vec<_> = replay
        .steps
        .iter()
        .map(|step| (step.event.position.0, step.state["balance"].clone()))
        .collect();
    assert_eq!(states, [(1, json!(0)), (2, json!(5))]);
    assert_eq!(replay.at(Position(1)).unwrap().state["balance"], 0);
    assert!(replay.at(Position(0)).is_none());
    let later = reader.replay("account", "b", Position(2)).await;
    assert_eq!(
        later.unwrap_err().to_string(),
        "account/b did not exist at position 2: it began at position 3"
    );
    let unknown = reader
        .replay("account", "c", Position(9))
        .await
        .unwrap_err();
    assert!(matches!(unknown, ReplayError::UnknownStream(..)));
    assert!(matches!(
        reader.replay("acount", "a", Position(9)).await,
        Err(ReplayError::UnknownType(_))
    ));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_named_and_not_skipped() {
    let (world, reader) = recorded().await;
    sqlx::raw_sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever;
         UPDATE events SET payload = '{\"type\":\"unheard_of\"}' WHERE position = 2",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let error = reader
        .replay("account", "a", Position(9))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("position 2") && error.contains("unheard_of"),
        "{error}"
    );
}

#[tokio::test]
async fn a_time_is_the_last_position_at_or_before_it() {
    let (_world, reader) = recorded().await;
    let at = async |time| reader.position_at(time).await.unwrap().0;
    assert_eq!(at(time(999)).await, 0);
    assert_eq!(at(time(1000)).await, 1);
    assert_eq!(at(time(3000) - TimeDelta::microseconds(1)).await, 2);
    assert_eq!(at(time(3000)).await, 3);
    assert_eq!(at(time(99_000)).await, 4);
}

#[tokio::test]
async fn events_are_found_by_stream_type_position_and_text() {
    let (_world, reader) = recorded().await;
    let find = async |filter: EventFilter| {
        let found = reader.find(&filter, 10).await.unwrap();
        let newest = reader.find_newest(&filter, 10).await.unwrap();
        assert!(found.iter().eq(newest.iter().rev()));
        found
            .iter()
            .map(|event| event.position.0)
            .collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(find(EventFilter::default()).await, [1, 2, 3, 4]);
    assert_eq!(
        find(EventFilter {
            aggregate_id: some("a"),
            ..EventFilter::default()
        })
        .await,
        [1, 2, 4]
    );
    assert_eq!(
        find(EventFilter {
            event_type: some("opened"),
            ..EventFilter::default()
        })
        .await,
        [1, 3]
    );
    assert_eq!(
        find(EventFilter {
            after: Position(1),
            until: Position(3),
            ..EventFilter::default()
        })
        .await,
        [2, 3]
    );
    assert_eq!(
        find(EventFilter {
            text: some("BOB"),
            ..EventFilter::default()
        })
        .await,
        [3]
    );
    assert_eq!(
        find(EventFilter {
            actor: some("nobody"),
            ..EventFilter::default()
        })
        .await,
        [0; 0]
    );
    assert_eq!(
        reader
            .find_newest(&EventFilter::default(), 1)
            .await
            .unwrap()[0]
            .position
            .0,
        4
    );
}
