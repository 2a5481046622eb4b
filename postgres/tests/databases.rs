//! Databases for tests.

use chancery_postgres::testing;
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn each_test_database_is_empty_and_alone() {
    let (one, other) = tokio::join!(testing::database(), testing::database());
    let pool = one.pool().await;
    sqlx::query("CREATE TABLE mine (id int)")
        .execute(&pool)
        .await
        .unwrap();
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_one(&other.pool().await)
            .await
            .unwrap();
    assert_ne!(one.name(), other.name());
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn a_dropped_test_database_disappears_even_when_it_is_in_use() {
    let database = testing::database().await;
    let observer = testing::database().await;
    let name = database.name().to_owned();
    let mut in_use = PgConnection::connect_with(&database.options())
        .await
        .unwrap();
    drop(database);
    let pool = observer.pool().await;
    loop {
        let exists: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
                .bind(&name)
                .fetch_one(&pool)
                .await
                .unwrap();
        if !exists {
            break;
        }
    }
    assert!(in_use.ping().await.is_err());
}

#[tokio::test]
async fn many_test_databases_are_made_at_once() {
    let tasks: Vec<_> = (0..32).map(|_| tokio::spawn(testing::database())).collect();
    let mut names = std::collections::BTreeSet::new();
    for task in tasks {
        names.insert(task.await.unwrap().name().to_owned());
    }
    assert_eq!(names.len(), 32);
}
