use chancery_ledger::ExecuteError;

use crate::support::account::{Account, AccountError, balance, deposit, open, withdraw};
use crate::support::{World, context};

#[tokio::test]
async fn a_refusal_is_never_decided_on_a_state_that_another_replica_has_changed() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    here.execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    there
        .execute::<Account>("a", deposit(10), &context())
        .await
        .unwrap();
    // Here, the account is remembered as empty.
    let paid = here
        .execute::<Account>("a", withdraw(10), &context())
        .await
        .unwrap();
    assert_eq!((balance(&paid.state), paid.sequence), (0, 3));
}

#[tokio::test]
async fn an_acceptance_is_never_decided_on_a_state_that_another_replica_has_changed() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    here.execute::<Account>("a", deposit(10), &context())
        .await
        .unwrap();
    there
        .execute::<Account>("a", withdraw(10), &context())
        .await
        .unwrap();
    // Here, the account is remembered as full.
    let refused = here
        .execute::<Account>("a", withdraw(10), &context())
        .await
        .unwrap_err();
    assert!(matches!(
        refused,
        ExecuteError::Refused(AccountError::Insufficient { balance: 0 })
    ));
}

#[tokio::test]
async fn a_decision_to_do_nothing_answers_with_the_newest_state() {
    let world = World::new().await;
    let (here, there) = (world.ledger().await, world.ledger().await);
    here.execute::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    there
        .execute::<Account>("a", deposit(2), &context())
        .await
        .unwrap();
    let nothing = here
        .execute::<Account>("a", deposit(0), &context())
        .await
        .unwrap();
    assert_eq!((balance(&nothing.state), nothing.sequence), (3, 2));
}

#[tokio::test]
async fn remembered_streams_are_decided_on_without_reading_them() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute_new::<Account>("a", deposit(1), &context())
        .await
        .unwrap();
    // The appender does not read a stream; whoever does, waits.
    let mut blocking = world.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE snapshots IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *blocking)
        .await
        .unwrap();
    let paid = ledger
        .execute::<Account>("a", deposit(2), &context())
        .await
        .unwrap();
    assert_eq!((balance(&paid.state), paid.sequence), (3, 2));
    blocking.rollback().await.unwrap();
}
