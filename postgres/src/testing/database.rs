//! A database for one test.

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::shared;

/// An empty database in the shared cluster; dropped with this value, even when connections to it are still open.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    options: PgConnectOptions,
}

/// Creates an empty database in the shared cluster.
///
/// # Panics
/// When PostgreSQL cannot be started or refuses.
pub async fn database() -> TestDatabase {
    match shared::create().await {
        Ok((name, options)) => TestDatabase { name, options },
        Err(reason) => panic!("no test database: {reason}"),
    }
}

impl TestDatabase {
    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How to reach it, as superuser.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// A new pool of up to ten connections.
    ///
    /// # Panics
    /// When PostgreSQL refuses the first connection.
    pub async fn pool(&self) -> PgPool {
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .connect_with(self.options())
            .await;
        match pool {
            Ok(pool) => pool,
            Err(reason) => panic!("no connection to the test database {}: {reason}", self.name),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        shared::remove(std::mem::take(&mut self.name));
    }
}
