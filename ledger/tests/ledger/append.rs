use std::pin::pin;

use chancery_ledger::{ExecuteError, LedgerConfig, Position, Unrecordable};
use chancery_noun::Life;
use futures::future::join_all;
use futures::poll;

use crate::support::account::{
    Account, AccountCommand, AccountError, balance, deposit, note, open, withdraw,
};
use crate::support::gate::{Gate, until_blocked};
use crate::support::{World, context, context_at, positions, time};

#[tokio::test]
async fn a_command_s_events_are_recorded_and_replayed() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let opened = ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    assert_eq!((opened.position, opened.sequence), (Some(Position(1)), 1));
    let context = context();
    let paid = ledger
        .execute::<Account>("a", deposit(7), &context)
        .await
        .unwrap();
    assert_eq!(
        (paid.position, paid.sequence, balance(&paid.state)),
        (Some(Position(2)), 2, 7)
    );

    let (account, sequence) = ledger.load::<Account>("a").await.unwrap();
    assert_eq!((account, sequence), (paid.state, 2));
    assert_eq!(
        ledger.load::<Account>("b").await.unwrap(),
        (Life::Unknown, 0)
    );

    let stored = ledger.read_stream("account", "a").await.unwrap();
    assert_eq!(stored[1].append_id, context.append_id);
    assert_eq!(stored[1].metadata, context.metadata);
    assert_eq!(stored[1].recorded_at, context.now);
    assert_eq!(
        stored[1].payload,
        serde_json::json!({"type": "deposited", "amount": 7})
    );
}

#[tokio::test]
async fn a_command_that_changes_nothing_or_is_refused_records_nothing() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    let nothing = ledger
        .execute::<Account>("a", deposit(0), &context())
        .await
        .unwrap();
    assert_eq!(
        (nothing.position, nothing.sequence, nothing.events.len()),
        (None, 1, 0)
    );
    let refused = ledger
        .execute::<Account>("a", withdraw(1), &context())
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        ExecuteError::Refused(AccountError::Insufficient { balance: 0 })
    ));
    assert_eq!(positions(&world.pool).await, [1]);
}

#[tokio::test]
async fn a_stream_believed_to_be_new_that_exists_is_loaded_and_decided_again() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute_new::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    let refused = ledger
        .execute_new::<Account>("a", open("bob"), &context())
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        ExecuteError::Refused(AccountError::AlreadyOpen)
    ));
    let paid = ledger
        .execute_new::<Account>("a", deposit(5), &context())
        .await
        .unwrap();
    assert_eq!((paid.sequence, balance(&paid.state)), (2, 5));
}

#[tokio::test]
async fn a_conflict_fails_that_append_alone() {
    let world = World::new().await;
    let config = LedgerConfig {
        conflict_retries: 0,
        ..LedgerConfig::default()
    };
    let ledger = world.ledger_with(config).await;
    ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();

    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context(), context()];
    let mut first =
        pin!(ledger.execute_new::<Account>("b", note("holds the appender"), &contexts[0]));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    // These three wait together, and so form the next batch.
    let mut before = pin!(ledger.execute_new::<Account>("c", note("good"), &contexts[1]));
    let mut stale = pin!(ledger.execute_new::<Account>("a", note("stale"), &contexts[2]));
    let mut after = pin!(ledger.execute_new::<Account>("d", note("good"), &contexts[3]));
    assert!(poll!(before.as_mut()).is_pending());
    assert!(poll!(stale.as_mut()).is_pending());
    assert!(poll!(after.as_mut()).is_pending());
    gate.open().await;

    assert_eq!(first.await.unwrap().position, Some(Position(2)));
    assert_eq!(before.await.unwrap().position, Some(Position(3)));
    assert!(matches!(stale.await.unwrap_err(), ExecuteError::Conflict));
    assert_eq!(after.await.unwrap().position, Some(Position(4)));
    assert_eq!(positions(&world.pool).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn commands_on_one_stream_at_the_same_time_are_all_carried_out_in_turn() {
    let world = World::new().await;
    let config = LedgerConfig {
        conflict_retries: 100,
        ..LedgerConfig::default()
    };
    let replicas = [
        world.ledger_with(config.clone()).await,
        world.ledger_with(config).await,
    ];
    let contexts: Vec<_> = (0..20).map(|_| context()).collect();
    let commands = contexts
        .iter()
        .enumerate()
        .map(|(n, context)| replicas[n % 2].execute::<Account>("a", deposit(1), context));
    for executed in join_all(commands).await {
        executed.unwrap();
    }
    let (account, sequence) = replicas[0].load::<Account>("a").await.unwrap();
    assert_eq!((balance(&account), sequence), (20, 20));
}

#[tokio::test]
async fn a_unit_of_work_is_recorded_together_or_not_at_all() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let mut unit = ledger.unit_of_work(&context());
    unit.execute_new::<Account>("a", open("alice"))
        .await
        .unwrap();
    unit.execute_new::<Account>("b", open("bob")).await.unwrap();
    let a = unit.execute::<Account>("a", deposit(3)).await.unwrap();
    assert_eq!(balance(&a), 3);
    assert_eq!(unit.commit().await.unwrap(), Some(Position(3)));
    let events = ledger.read_raw(Position(0), 10).await.unwrap();
    assert!(
        events
            .iter()
            .all(|event| event.append_id == events[0].append_id)
    );

    // The other stream it was decided on changes before it is committed.
    let mut unit = ledger.unit_of_work(&context());
    unit.execute::<Account>("a", deposit(1)).await.unwrap();
    unit.execute::<Account>("b", deposit(0)).await.unwrap();
    ledger
        .execute::<Account>("b", deposit(1), &context())
        .await
        .unwrap();
    assert!(matches!(
        unit.commit().await.unwrap_err(),
        chancery_ledger::AppendError::Conflict
    ));
    assert_eq!(balance(&ledger.load::<Account>("a").await.unwrap().0), 3);
    assert_eq!(
        ledger
            .execute::<Account>("a", deposit(1), &context())
            .await
            .unwrap()
            .sequence,
        3
    );
}

#[tokio::test]
async fn time_never_goes_back_as_positions_go_up() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    for now in [time(5), time(3), time(3), time(9), time(1)] {
        ledger
            .execute::<Account>("a", note("x"), &context_at(now))
            .await
            .unwrap();
    }
    let events = ledger.read_stream("account", "a").await.unwrap();
    let times: Vec<_> = events.iter().map(|event| event.recorded_at).collect();
    assert_eq!(times, [time(5), time(5), time(5), time(9), time(9)]);
}

#[tokio::test]
async fn what_json_readers_or_postgresql_would_not_keep_is_refused() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let fraction = ledger
        .execute::<Account>("a", AccountCommand::Measure { value: 0.5 }, &context())
        .await
        .unwrap_err();
    assert!(matches!(
        fraction,
        ExecuteError::Unrecordable(Unrecordable::Number(_))
    ));
    let huge = ledger
        .execute::<Account>("a", deposit(1 << 53), &context())
        .await
        .unwrap_err();
    assert!(matches!(
        huge,
        ExecuteError::Unrecordable(Unrecordable::Number(_))
    ));
    let nul = ledger
        .execute::<Account>("a", note("\0"), &context())
        .await
        .unwrap_err();
    assert!(matches!(nul, ExecuteError::Unrecordable(Unrecordable::Nul)));
    let id = ledger
        .execute_new::<Account>("a\0b", note("x"), &context())
        .await
        .unwrap_err();
    assert!(matches!(id, ExecuteError::Unrecordable(Unrecordable::Nul)));
    ledger
        .execute::<Account>("a", deposit((1 << 53) - 1), &context())
        .await
        .unwrap();
    assert_eq!(positions(&world.pool).await, [1]);
}

#[tokio::test]
async fn an_append_the_database_refuses_fails_alone() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    // Too large for an index, and too disorderly to be compressed.
    let mut state = 1_u64;
    let unstorable: String = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + u8::try_from(state >> 58).unwrap())
    })
    .take(8000)
    .collect();
    let gate = Gate::close(&world).await;
    let contexts = [context(), context(), context(), context()];
    let mut first =
        pin!(ledger.execute_new::<Account>("a", note("holds the appender"), &contexts[0]));
    assert!(poll!(first.as_mut()).is_pending());
    until_blocked(&world.pool, 1).await;
    let mut before = pin!(ledger.execute_new::<Account>("b", open("bob"), &contexts[1]));
    let mut poison = pin!(ledger.execute_new::<Account>("c", open(&unstorable), &contexts[2]));
    let mut after = pin!(ledger.execute_new::<Account>("d", open("dora"), &contexts[3]));
    assert!(poll!(before.as_mut()).is_pending());
    assert!(poll!(poison.as_mut()).is_pending());
    assert!(poll!(after.as_mut()).is_pending());
    gate.open().await;

    first.await.unwrap();
    assert_eq!(before.await.unwrap().position, Some(Position(2)));
    let refused = poison.await.map(|executed| executed.position).unwrap_err();
    assert!(
        matches!(&refused, ExecuteError::Unrecordable(Unrecordable::Refused { code, .. }) if code == "54000"),
        "{refused}"
    );
    assert_eq!(after.await.unwrap().position, Some(Position(3)));
    assert_eq!(positions(&world.pool).await, [1, 2, 3]);
}
