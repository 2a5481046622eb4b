use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chancery_projections::{Loader, LookupError};
use tokio::sync::Semaphore;

type Batches = Arc<Mutex<Vec<Vec<u32>>>>;

/// A loader that doubles even keys; each query waits for a permit.
fn doubling(batches: &Batches, permits: &Arc<Semaphore>) -> Loader<u32, u32> {
    let (batches, permits) = (Arc::clone(batches), Arc::clone(permits));
    Loader::new(Box::new(move |keys| {
        batches.lock().unwrap().push(keys.clone());
        let permits = Arc::clone(&permits);
        Box::pin(async move {
            permits.acquire().await.unwrap().forget();
            Ok(keys
                .into_iter()
                .filter(|key| key % 2 == 0)
                .map(|key| (key, key * 2))
                .collect::<HashMap<_, _>>())
        })
    }))
}

#[tokio::test]
async fn look_ups_during_a_query_go_out_together_as_the_next_one() {
    let (batches, permits) = (Batches::default(), Arc::new(Semaphore::new(0)));
    let loader = doubling(&batches, &permits);
    let first = tokio::spawn({
        let loader = loader.clone();
        async move { loader.load(100).await.unwrap() }
    });
    while batches.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let mut gathered = Vec::new();
    for key in [2, 4, 4, 5] {
        let loader = loader.clone();
        gathered.push(tokio::spawn(async move { loader.load(key).await.unwrap() }));
        tokio::task::yield_now().await;
    }
    permits.add_permits(2);
    assert_eq!(first.await.unwrap(), Some(200));
    let mut answers = Vec::new();
    for look_up in gathered {
        answers.push(look_up.await.unwrap());
    }
    assert_eq!(answers, [Some(4), Some(8), Some(8), None]);
    assert_eq!(*batches.lock().unwrap(), [vec![100], vec![2, 4, 5]]);
}

#[tokio::test]
async fn an_unknown_key_has_no_value() {
    let loader = doubling(&Batches::default(), &Arc::new(Semaphore::new(1)));
    assert_eq!(loader.load(7).await.unwrap(), None);
}

#[tokio::test]
async fn a_failed_query_fails_its_look_ups_and_no_later_one() {
    let failed = Arc::new(Mutex::new(false));
    let loader: Loader<u32, u32> = Loader::new(Box::new(move |keys| {
        let fail = !std::mem::replace(&mut *failed.lock().unwrap(), true);
        Box::pin(async move {
            if fail {
                return Err(sqlx::Error::RowNotFound);
            }
            Ok(keys.into_iter().map(|key| (key, key)).collect())
        })
    }));
    assert!(matches!(
        loader.load(1).await,
        Err(LookupError::Database(_))
    ));
    assert_eq!(loader.load(1).await.unwrap(), Some(1));
}
