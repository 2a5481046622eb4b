//! Apps that registered themselves and are not used.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// A part of the apps, in order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Those that registered themselves and are not used.
    pub unused: Vec<String>,
    /// The last app that was looked at; `None`: there are no more.
    pub until: Option<String>,
}

/// Looks at up to `limit` apps after the one of id `after`: which registered themselves before `registered_before`, and have no
/// code or token that has not expired at `now`.
pub async fn unused_registrations(
    pool: &PgPool,
    after: &str,
    registered_before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Looked, sqlx::Error> {
    let rows: Vec<(String, bool)> = sqlx::query_as(include_str!("sql/registrations.sql"))
        .bind(after)
        .bind(registered_before)
        .bind(now)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    let unused = rows.iter().filter(|(_, is_unused)| *is_unused);
    Ok(Looked {
        unused: unused.map(|(id, _)| id.clone()).collect(),
        until: rows.last().map(|(id, _)| id.clone()),
    })
}
