//! The database and the ledger in it.

use std::str::FromStr;
use std::time::Duration;

use chancery_ledger::{
    Ledger, LedgerConfig, MigrateError, OpenError, bounded_pool, bounded_session,
};
use chancery_postgres::{Embedded, Settings, StartError, StopError};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use tokio::time::{Instant, timeout_at};

use super::in_part;
use crate::config::Database;
use crate::secret::{ExposeSecret as _, Secret};

const CONNECTIONS: u32 = 8;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenDatabaseError {
    /// The program's own PostgreSQL does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The program's own PostgreSQL does not stop.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The URL of an existing PostgreSQL is none. It is not repeated: it may hold a password.
    #[error("the database URL is not valid: expected postgres://user:password@host:port/database")]
    Url,
    /// An existing PostgreSQL cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Connect(sqlx::Error),
    /// Its schema cannot be brought up to date.
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migrate(#[from] MigrateError),
    /// The ledger cannot be opened.
    #[error("the ledger cannot be opened: {0}")]
    Ledger(#[from] OpenError),
}

/// An open database.
pub struct Opened {
    /// How to connect to it.
    pub options: PgConnectOptions,
    /// The ledger in it.
    pub ledger: Ledger,
    /// Where the data is, for people.
    pub place: String,
    pool: PgPool,
    embedded: Option<Embedded>,
}

impl Opened {
    /// Starts or finds PostgreSQL, brings its schema up to date, and opens the ledger.
    pub async fn open(
        database: &Database,
        ledger: LedgerConfig,
    ) -> Result<Self, OpenDatabaseError> {
        let (
            Roles {
                owner,
                server: options,
            },
            embedded,
            place,
        ) = connect(database).await?;
        let opened = Self::open_ledger(owner, &options, ledger).await;
        match opened {
            Ok((pool, ledger)) => Ok(Self {
                options,
                ledger,
                place,
                pool,
                embedded,
            }),
            Err(error) => {
                if let Some(embedded) = embedded
                    && let Err(error) = embedded.stop().await
                {
                    tracing::warn!(%error, "PostgreSQL keeps running");
                }
                Err(error)
            }
        }
    }

    async fn open_ledger(
        owner: PgConnectOptions,
        options: &PgConnectOptions,
        config: LedgerConfig,
    ) -> Result<(PgPool, Ledger), OpenDatabaseError> {
        let migrating = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(owner.clone())
            .await;
        let migrating = match migrating {
            Ok(migrating) => migrating,
            Err(error @ sqlx::Error::PoolTimedOut) => {
                connect_once(&owner).await?;
                return Err(OpenDatabaseError::Connect(error));
            }
            Err(error) => return Err(OpenDatabaseError::Connect(error)),
        };
        Ledger::migrate(&migrating).await?;
        migrating.close().await;
        let pool = bounded_pool(PgPoolOptions::new())
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(bounded_session(options.clone()))
            .await
            .map_err(OpenDatabaseError::Connect)?;
        let ledger = Ledger::open(
            options.clone(),
            pool.clone(),
            chancery_projections::stream_types(),
            config,
        )
        .await?;
        Ok((pool, ledger))
    }

    /// Closes the ledger and the connections, then leaves or stops PostgreSQL; until the deadline. A PostgreSQL of our own that
    /// is still writing then ends by itself, and the next start waits for it.
    pub async fn close(self, deadline: Instant) -> Result<(), OpenDatabaseError> {
        in_part("the ledger", self.ledger.close()).await;
        in_part("the pool of connections", self.pool.close()).await;
        if let Some(embedded) = self.embedded {
            let Ok(stopped) = timeout_at(deadline, embedded.stop()).await else {
                tracing::warn!("PostgreSQL is still stopping; it ends by itself");
                return Ok(());
            };
            stopped?;
        }
        Ok(())
    }
}

/// How to connect to the PostgreSQL of a URL.
pub fn options_of(url: &Secret) -> Result<PgConnectOptions, OpenDatabaseError> {
    let text = url.expose_secret();
    let is_of_postgres = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    if !is_of_postgres {
        return Err(OpenDatabaseError::Url);
    }
    PgConnectOptions::from_str(text).map_err(|_| OpenDatabaseError::Url)
}

/// Connects once. A pool says no more than that it gave up waiting; this says why.
pub async fn connect_once(options: &PgConnectOptions) -> Result<PgConnection, OpenDatabaseError> {
    let connecting = PgConnection::connect_with(options);
    match timeout_at(Instant::now() + ACQUIRE_TIMEOUT, connecting).await {
        Ok(connected) => connected.map_err(OpenDatabaseError::Connect),
        Err(_) => Err(OpenDatabaseError::Connect(sqlx::Error::PoolTimedOut)),
    }
}

/// How to connect as whom (`docs/database-roles.md`).
struct Roles {
    /// Who may migrate.
    owner: PgConnectOptions,
    /// Who answers requests.
    server: PgConnectOptions,
}

async fn connect(
    database: &Database,
) -> Result<(Roles, Option<Embedded>, String), OpenDatabaseError> {
    match database {
        Database::Embedded { data_dir, bin_dir } => {
            let embedded = Embedded::start(Settings {
                data_dir: data_dir.clone(),
                bin_dir: bin_dir.clone(),
                durable: true,
            })
            .await?;
            let place = format!("{} (embedded PostgreSQL)", embedded.data_dir().display());
            let roles = Roles {
                owner: embedded.connect_options(),
                server: embedded.server_options(),
            };
            Ok((roles, Some(embedded), place))
        }
        Database::Url(url) => {
            let options = options_of(url)?;
            let place = format!(
                "PostgreSQL at {}:{}, database {}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or(options.get_username())
            );
            let roles = Roles {
                owner: options.clone(),
                server: options,
            };
            Ok((roles, None, place))
        }
    }
}
