//! Connections on which nobody waits without limit.

use std::time::Duration;

use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

/// A connection idle for longer is tested before it is used. The database is not restarted in less.
const FRESH: Duration = Duration::from_millis(100);
/// How long a connection may take to say that it is one.
const PONG_WITHIN: Duration = Duration::from_secs(1);

/// The server gives up on a statement sooner than that ([`bounded_session`]): an answer that is not there by then is lost.
const ANSWERED_WITHIN: Duration = Duration::from_secs(25);

/// What the server does for connections of any kind: it gives up on statements and locks that take too long, and on clients
/// that are gone.
pub fn bounded_session(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("statement_timeout", "20s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "3"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "20000"),
    ])
}

/// Makes a pool notice connections that have gone silent. A query that is given up (its future dropped) leaves a connection
/// that is not at rest; sqlx waits without limit for it to come to rest before it is used again, so a connection whose answers
/// are lost on the way would take its place in the pool for good.
pub fn bounded_pool(options: PgPoolOptions) -> PgPoolOptions {
    options
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { test_idle(connection, &meta).await })
        })
        .after_release(|connection, _: PoolConnectionMetadata| {
            Box::pin(async move {
                ping(connection).await?;
                Ok(true)
            })
        })
}

/// Tests a connection that was idle for a while, before it is used.
pub async fn test_idle(
    connection: &mut PgConnection,
    meta: &PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    if meta.idle_for > FRESH {
        ping(connection).await?;
    }
    Ok(true)
}

/// An answer that does not come in time is an error like that of a lost connection.
pub async fn in_time<T, E: From<sqlx::Error>>(
    limit: Duration,
    asking: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match timeout(limit, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into()),
    }
}

/// The end of a wait that nobody else bounds, as a request's is: of followers, of the signer, of whatever works in the background.
pub(crate) async fn answered<T, E: From<sqlx::Error>>(
    asking: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    in_time(ANSWERED_WITHIN, asking).await
}

async fn ping(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    in_time(PONG_WITHIN, connection.ping()).await
}
