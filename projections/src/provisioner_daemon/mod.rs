//! When provisioner daemons were last seen. What they are is in the registry.

use std::collections::HashMap;

use chancery_aggregates::provisioner_daemon::ProvisionerDaemonId;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Notes that these daemons are there at `now`.
pub async fn note_seen(
    pool: &PgPool,
    daemon_ids: &[ProvisionerDaemonId],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/note_seen.sql"))
        .bind(daemon_ids)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}

/// When these daemons were last seen.
pub async fn seen(
    pool: &PgPool,
    daemon_ids: &[ProvisionerDaemonId],
) -> Result<HashMap<ProvisionerDaemonId, DateTime<Utc>>, sqlx::Error> {
    let rows: Vec<(ProvisionerDaemonId, DateTime<Utc>)> =
        sqlx::query_as(include_str!("sql/seen.sql"))
            .bind(daemon_ids)
            .fetch_all(pool)
            .await?;
    Ok(rows.into_iter().collect())
}
