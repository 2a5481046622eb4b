use chancery_ledger::{AppendError, ExecuteError, KeyDifference, KeyHolder};
use futures::future::join_all;

use crate::support::account::{Account, open, rename, seize, spend};
use crate::support::{World, context};

#[tokio::test]
async fn of_a_hundred_that_take_one_key_at_once_one_gets_it() {
    let world = World::new().await;
    let replicas = [world.ledger().await, world.ledger().await];
    let ids: Vec<_> = (0..100)
        .map(|n| (format!("account-{n}"), context()))
        .collect();
    let commands = ids.iter().enumerate().map(|(n, (id, context))| {
        replicas[n % 2].execute_new::<Account>(id, open("alice"), context)
    });
    let results = join_all(commands).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(
        |error| matches!(error, ExecuteError::KeyTaken { key } if key == "account_name:alice")
    ));
    assert_eq!(replicas[0].check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn a_key_is_free_again_once_its_holder_gives_it_up() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    // Free and take of one key in one event leave it where it was.
    ledger
        .execute::<Account>("a", rename("alice"), &context())
        .await
        .unwrap();
    let taken = ledger
        .execute::<Account>("b", open("alice"), &context())
        .await
        .unwrap_err();
    assert!(matches!(taken, ExecuteError::KeyTaken { .. }));
    ledger
        .execute::<Account>("a", rename("anna"), &context())
        .await
        .unwrap();
    ledger
        .execute::<Account>("b", open("alice"), &context())
        .await
        .unwrap();
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn keys_change_hands_within_one_unit_of_work() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    ledger
        .execute::<Account>("b", open("bob"), &context())
        .await
        .unwrap();
    let mut unit = ledger.unit_of_work(&context());
    unit.execute::<Account>("a", rename("carol")).await.unwrap();
    unit.execute::<Account>("b", rename("alice")).await.unwrap();
    unit.execute::<Account>("a", rename("bob")).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);

    let mut unit = ledger.unit_of_work(&context());
    unit.execute::<Account>("a", rename("dora")).await.unwrap();
    unit.execute::<Account>("a", rename("alice")).await.unwrap();
    let taken = unit.commit().await.unwrap_err();
    assert!(matches!(taken, AppendError::KeyTaken { key } if key == "account_name:alice"));
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn a_seized_key_is_lost_to_its_former_holder() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    let unheld = ledger
        .execute::<Account>("a", spend("t"), &context())
        .await
        .unwrap_err();
    assert!(matches!(unheld, ExecuteError::KeyNotHeld { key } if key == "ticket:t"));
    ledger
        .execute::<Account>("a", seize("t"), &context())
        .await
        .unwrap();
    ledger
        .execute::<Account>("b", seize("t"), &context())
        .await
        .unwrap();
    let lost = ledger
        .execute::<Account>("a", spend("t"), &context())
        .await
        .unwrap_err();
    assert!(matches!(lost, ExecuteError::KeyNotHeld { .. }));
    ledger
        .execute::<Account>("b", spend("t"), &context())
        .await
        .unwrap();
    let spent = ledger
        .execute::<Account>("b", spend("t"), &context())
        .await
        .unwrap_err();
    assert!(matches!(spent, ExecuteError::KeyNotHeld { .. }));
    assert_eq!(ledger.check_unique_keys().await.unwrap(), []);
}

#[tokio::test]
async fn a_wrong_unique_key_table_is_noticed() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    ledger
        .execute::<Account>("a", open("alice"), &context())
        .await
        .unwrap();
    sqlx::query("UPDATE unique_keys SET key = 'account_name:eve'")
        .execute(&world.pool)
        .await
        .unwrap();
    let holder = KeyHolder {
        aggregate_type: "account".to_owned(),
        aggregate_id: "a".to_owned(),
    };
    assert_eq!(
        ledger.check_unique_keys().await.unwrap(),
        [
            KeyDifference {
                key: "account_name:eve".to_owned(),
                derived: None,
                stored: Some(holder.clone())
            },
            KeyDifference {
                key: "account_name:alice".to_owned(),
                derived: Some(holder),
                stored: None
            },
        ]
    );
}
