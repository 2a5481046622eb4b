//! Connections that answer queries.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};

use super::projection::Projection;
use super::{connection, schema};

/// Connections for look-ups; each loader has one query under way.
pub(super) const LOOKUP_CONNECTIONS: u32 = 4;

/// How statements are planned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Plans {
    /// For their parameters where that helps, as lists with optional filters need it.
    Custom,
    /// Once: planning a look-up by key takes longer than the look-up.
    Generic,
}

/// Connections on which the live tables of all projections, then those of `public`, are found by their unqualified names.
pub(super) async fn open(
    options: &PgConnectOptions,
    connections: u32,
    plans: Plans,
    projections: &[Arc<dyn Projection>],
) -> Result<PgPool, sqlx::Error> {
    /// A connection idle for longer is tested before it is used. The database is not restarted in less.
    const FRESH: std::time::Duration = std::time::Duration::from_millis(100);
    /// While the database is away, requests fail after this time instead of piling up.
    const ACQUIRE_WITHIN: std::time::Duration = std::time::Duration::from_secs(3);
    let mut path: Vec<String> = projections
        .iter()
        .map(|projection| schema::live(projection.name()))
        .collect();
    path.push("public".to_owned());
    let path: Arc<str> = path.join(",").into();
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_WITHIN)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let path = Arc::clone(&path);
            Box::pin(async move {
                connection::set_search_path(connection, &path).await?;
                match plans {
                    Plans::Custom => connection::plan_for_lists(connection).await,
                    Plans::Generic => connection::plan_once(connection).await,
                }
            })
        })
        .connect_with(options.clone())
        .await
}
