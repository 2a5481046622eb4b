use chancery_ledger::{Fault, Ledger, Position, VerifyError};

use crate::support::World;
use crate::support::account::{Account, deposit, note, open};
use crate::support::context;

/// A ledger of six events, whose guard against edits is off.
pub async fn altered(statements: &'static str) -> (World, Ledger) {
    let world = World::new().await;
    let ledger = world.ledger().await;
    for n in 0..3 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Account>(&format!("{n}"), open(&format!("name {n}")))
            .await
            .unwrap();
        unit.execute::<Account>("shared", deposit(n + 1))
            .await
            .unwrap();
        unit.commit().await.unwrap();
    }
    assert_eq!(verified(&ledger).await, Ok(6));
    sqlx::raw_sql("ALTER TABLE events DISABLE TRIGGER events_are_forever")
        .execute(&world.pool)
        .await
        .unwrap();
    sqlx::raw_sql(statements)
        .execute(&world.pool)
        .await
        .unwrap();
    (world, ledger)
}

async fn verified(ledger: &Ledger) -> Result<u64, (i64, Fault)> {
    match ledger
        .verify(Position(1)..=Position(i64::MAX), |_| {})
        .await
    {
        Ok(verified) => Ok(verified.events),
        Err(VerifyError::Bad { position, fault }) => Err((position.0, fault)),
        Err(error) => panic!("{error}"),
    }
}

async fn finds(statements: &'static str, position: i64, fault: Fault) {
    let (_world, ledger) = altered(statements).await;
    assert_eq!(
        verified(&ledger).await,
        Err((position, fault)),
        "after {statements}"
    );
}

#[tokio::test]
async fn a_changed_aggregate_type_is_located() {
    finds(
        "UPDATE events SET aggregate_type = 'amount' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_aggregate_id_is_located() {
    finds(
        "UPDATE events SET aggregate_id = 'x' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_sequence_is_located() {
    finds(
        "UPDATE events SET sequence = 7 WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_event_type_is_located() {
    finds(
        "UPDATE events SET event_type = 'withdrawn' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_event_version_is_located() {
    finds(
        "UPDATE events SET event_version = '1.1' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_payload_is_located() {
    finds(
        "UPDATE events SET payload = '{\"type\":\"deposited\",\"amount\":3}' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
    finds(
        "UPDATE events SET payload = '{\"type\":\"deposited\",\"amount\":2.5}' WHERE position = 6",
        6,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_payload_member_hidden_behind_another_is_located() {
    finds("UPDATE events SET payload = '{\"amount\":9,\"type\":\"deposited\",\"amount\":2}' WHERE position = 4", 4, Fault::Changed).await;
}

#[tokio::test]
async fn changed_metadata_is_located() {
    finds(
        "UPDATE events SET metadata = '{}' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_append_id_is_located() {
    finds(
        "UPDATE events SET append_id = '00000000-0000-0000-0000-000000000000' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_time_is_located() {
    finds(
        "UPDATE events SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = 4",
        4,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn a_changed_hash_is_located() {
    finds(
        "UPDATE events SET hash = set_byte(hash, 31, 255 - get_byte(hash, 31)) WHERE position = 4",
        4,
        Fault::HashChanged,
    )
    .await;
    finds(
        "UPDATE events SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE position = 6",
        6,
        Fault::HashChanged,
    )
    .await;
}

#[tokio::test]
async fn a_changed_position_is_located() {
    finds(
        "UPDATE events SET position = 70 WHERE position = 4",
        4,
        Fault::Removed,
    )
    .await;
    finds(
        "UPDATE events SET position = 7 WHERE position = 6",
        6,
        Fault::Removed,
    )
    .await;
}

#[tokio::test]
async fn a_change_of_the_last_event_is_located() {
    finds(
        "UPDATE events SET metadata = '{}' WHERE position = 6",
        6,
        Fault::Changed,
    )
    .await;
}

#[tokio::test]
async fn the_first_of_several_changes_is_the_one_named() {
    finds("UPDATE events SET payload = '{\"a\":1,\"a\":2}' WHERE position = 5; UPDATE events SET metadata = '{}' WHERE position = 3", 3, Fault::Changed).await;
}

#[tokio::test]
async fn a_removed_event_is_located() {
    finds("DELETE FROM events WHERE position = 4", 4, Fault::Removed).await;
    finds("DELETE FROM events WHERE position = 6", 6, Fault::Removed).await;
    finds("DELETE FROM events", 1, Fault::Removed).await;
}

#[tokio::test]
async fn events_that_changed_places_are_located() {
    finds(
        "UPDATE events SET position = 99 WHERE position = 3;
         UPDATE events SET position = 3 WHERE position = 4;
         UPDATE events SET position = 4 WHERE position = 99",
        3,
        Fault::Displaced,
    )
    .await;
}

#[tokio::test]
async fn an_inserted_event_is_located() {
    finds(
        "UPDATE events SET position = position + 100 WHERE position >= 4;
         UPDATE events SET position = position - 99 WHERE position >= 104;
         INSERT INTO events SELECT aggregate_type, 'forged', 1, event_type, event_version, payload, metadata, 4, append_id,
                                   recorded_at, sha256('forged') FROM events WHERE position = 3;
         UPDATE ledger_head SET position = 7",
        4,
        Fault::Displaced,
    )
    .await;
}

#[tokio::test]
async fn events_beyond_the_head_are_located() {
    finds(
        "INSERT INTO events SELECT aggregate_type, 'forged', 1, event_type, event_version, payload, metadata, 8, append_id,
                                   recorded_at, sha256('forged') FROM events WHERE position = 3",
        8,
        Fault::BeyondHead,
    )
    .await;
}

#[tokio::test]
async fn a_changed_head_is_noticed() {
    finds(
        "UPDATE ledger_head SET hash = sha256('forged')",
        6,
        Fault::HeadMismatch,
    )
    .await;
    finds(
        "UPDATE ledger_head SET position = 5",
        5,
        Fault::HeadMismatch,
    )
    .await;
    finds("UPDATE ledger_head SET position = 7", 7, Fault::Removed).await;
}

#[tokio::test]
async fn a_range_is_verified_from_the_hash_before_it_and_told_of() {
    let (_world, ledger) = altered("UPDATE events SET metadata = '{}' WHERE position = 2").await;
    let mut told = Vec::new();
    let verified = ledger
        .verify(Position(3)..=Position(5), |position| told.push(position.0))
        .await
        .unwrap();
    assert_eq!((verified.events, verified.last), (3, Position(5)));
    assert_eq!(told, [3, 4, 5]);
    let stored = ledger.read_raw(Position(4), 1).await.unwrap();
    assert_eq!(verified.hash, stored[0].hash);
}

#[tokio::test]
async fn an_empty_ledger_is_intact() {
    let world = World::new().await;
    assert_eq!(verified(&world.ledger().await).await, Ok(0));
}

#[tokio::test]
async fn json_is_verified_as_it_is_stored_whatever_it_holds() {
    let unicode = "\u{20ac}\u{1f600}\u{7f}\u{e9}\"\\/\n\r\t\u{1}";
    let (_world, ledger) = altered("").await;
    ledger
        .execute::<Account>("text", note(unicode), &context())
        .await
        .unwrap();
    assert_eq!(verified(&ledger).await, Ok(7));
    let stored = ledger.read_raw(Position(6), 1).await.unwrap();
    let value: serde_json::Value = serde_json::from_str(stored[0].payload.get()).unwrap();
    assert_eq!(value["text"], unicode);
}

#[tokio::test]
async fn json_that_says_the_same_in_another_spelling_is_located() {
    for spelling in [
        "UPDATE events SET payload = (payload::text || ' ')::json WHERE position = 4",
        "UPDATE events SET payload = payload::jsonb::json WHERE position = 4",
        "UPDATE events SET metadata = replace(metadata::text, 'test', '\\u0074est')::json WHERE position = 4",
    ] {
        finds(spelling, 4, Fault::Changed).await;
    }
}
