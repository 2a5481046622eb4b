//! Connections that answer queries.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::{Ledger, bounded_pool, bounded_session, test_idle};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};

use super::incarnation::{Incarnation, Latest};
use super::mark::Marker;
use super::projection::Projection;
use super::{connection, schema};

/// Connections for the engine's own questions.
const STATUS_CONNECTIONS: u32 = 2;
/// While the database is away, or read models have to catch up, requests fail after this time instead of piling up.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(3);

/// The pools of an engine.
pub(super) struct Pools {
    /// For what requests read. Statements are planned for their parameters where that helps, as lists with optional filters need it.
    pub(super) queries: PgPool,
    /// For how the projections stand, which is to be seen above all while they do not answer.
    pub(super) status: PgPool,
}

/// Lets a new connection answer queries only when the read models have caught up with the log that it sees.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) ledger: Ledger,
    pub(super) latest: Arc<Latest>,
    /// Those on which decisions rest.
    pub(super) markers: Vec<Arc<Marker>>,
}

impl Gate {
    /// Returns when the connection may be believed. The pool gives up on it after [`ACQUIRE_WITHIN`].
    async fn pass(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let incarnation = Incarnation::of(connection).await?;
        self.latest.meet(incarnation);
        self.ledger.confirm(&mut *connection).await?;
        for marker in &self.markers {
            marker.sound_in(incarnation).await;
        }
        Ok(())
    }
}

impl Pools {
    /// Opens the pools. Without a gate (nobody follows in this process) the tables answer as they are.
    pub(super) async fn open(
        options: &PgConnectOptions,
        connections: u32,
        projections: &[Arc<dyn Projection>],
        gate: Option<&Gate>,
    ) -> Result<Self, sqlx::Error> {
        let options = bounded_session(options.clone());
        let mut path: Vec<String> = projections
            .iter()
            .map(|projection| schema::live(projection.name()))
            .collect();
        path.push("public".to_owned());
        let path: Arc<str> = path.join(",").into();
        let queries = reading(connections, path, gate.cloned());
        let status = bounded_pool(PgPoolOptions::new())
            .max_connections(STATUS_CONNECTIONS)
            .acquire_timeout(ACQUIRE_WITHIN)
            .connect_lazy_with(options.clone());
        let queries = match gate {
            // The gate opens when followers have caught up; they are started when there are pools.
            Some(_) => queries.connect_lazy_with(options),
            None => queries.connect_with(options).await?,
        };
        Ok(Self { queries, status })
    }

    pub(super) async fn close(&self) {
        tokio::join!(self.queries.close(), self.status.close());
    }
}

/// Connections on which the tables of `path` are found by their unqualified names.
fn reading(connections: u32, path: Arc<str>, gate: Option<Gate>) -> PgPoolOptions {
    let latest = gate.as_ref().map(|gate| Arc::clone(&gate.latest));
    bounded_pool(PgPoolOptions::new())
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_WITHIN)
        .before_acquire(move |connection, meta| {
            let latest = latest.clone();
            Box::pin(async move {
                if latest.is_some_and(|latest| latest.is_younger_than(meta.age)) {
                    return Ok(false);
                }
                test_idle(connection, &meta).await
            })
        })
        .after_connect(move |connection, _| {
            let (path, gate) = (Arc::clone(&path), gate.clone());
            Box::pin(async move {
                connection::set_search_path(connection, &path).await?;
                connection::plan_for_lists(connection).await?;
                match gate {
                    Some(gate) => gate.pass(connection).await,
                    None => Ok(()),
                }
            })
        })
}
