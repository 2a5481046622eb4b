//! Holding appends at the lock, to make interleavings happen.

use sqlx::{Connection, PgConnection, PgPool};

use super::World;

/// Another session that holds the ledger's head.
pub struct Gate(PgConnection);

impl Gate {
    /// Takes the head's lock, as an append of another replica does.
    pub async fn close(world: &World) -> Self {
        let mut connection = PgConnection::connect_with(&world.database.options())
            .await
            .unwrap();
        sqlx::raw_sql("BEGIN; SELECT position FROM ledger_head FOR UPDATE")
            .execute(&mut connection)
            .await
            .unwrap();
        Self(connection)
    }

    pub async fn open(mut self) {
        sqlx::raw_sql("COMMIT").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

/// Waits until so many appenders of the test's database wait for the lock.
pub async fn until_blocked(pool: &PgPool, appenders: i64) {
    until(
        pool,
        "SELECT count(*) >= $1 FROM pg_stat_activity
         WHERE datname = current_database() AND query ~ '^SELECT (status|ledger_append)' AND wait_event_type = 'Lock'
           AND pid <> pg_backend_pid()",
        appenders,
    )
    .await;
}

/// Asks until the answer is yes.
pub async fn until(pool: &PgPool, question: &str, parameter: i64) {
    while !sqlx::query_scalar::<_, bool>(question)
        .bind(parameter)
        .fetch_one(pool)
        .await
        .unwrap()
    {
        tokio::task::yield_now().await;
    }
}
