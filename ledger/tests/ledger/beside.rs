//! Two builds of the program on one database: the newer records events that the older does not know.

use chancery_ledger::ExecuteError;
use futures::future::join_all;
use serde_json::json;

use crate::load::ledger;
use crate::support::account::{Account, balance, deposit, open};
use crate::support::foreign::Foreign;
use crate::support::{World, context};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_older_does_not_know_ends_what_it_knew_and_keeps_it_from_that_stream_alone()
 {
    let world = World::new().await;
    let older = world.ledger().await;
    let newer = ledger::<Foreign>(&world).await;
    let others: Vec<String> = (0..40).map(|number| format!("other {number}")).collect();
    for id in others.iter().map(String::as_str).chain(["closed"]) {
        older
            .execute::<Account>(id, open(id), &context())
            .await
            .unwrap();
    }
    let closed = json!({ "type": "closed", "closed_name": "closed" });
    newer
        .execute::<Foreign>("closed", closed, &context())
        .await
        .unwrap();

    // It decides nothing on a stream that it does not understand, and says why.
    let refused = older
        .execute::<Account>("closed", deposit(1), &context())
        .await
        .unwrap_err();
    assert!(matches!(refused, ExecuteError::Corrupt(_)), "{refused}");
    assert!(
        refused.to_string().contains("position 42") && refused.to_string().contains("`closed`"),
        "{refused}"
    );
    // What it remembered of keys is forgotten: the newer build may have changed any.
    let present = older.now().await.unwrap();
    assert_eq!(present.holder("account_name:closed").await.unwrap(), None);
    // Whoever asks for other streams at the same moment is answered.
    let looks = others.iter().map(|id| async {
        let (closed, other) = tokio::join!(
            present.state::<Account>("closed"),
            present.state::<Account>(id)
        );
        closed.unwrap_err();
        assert_eq!(other.unwrap().sequence, 1);
    });
    join_all(looks).await;
    let paid = older
        .execute::<Account>(&others[0], deposit(1), &context())
        .await
        .unwrap();
    assert_eq!(balance(&paid.state), 1);
}
