//! Snapshots: states of long streams, stored beside the events. Losing them costs time, nothing else.

use chancery_noun::{Folded, Noun};
use cqrs_es::persist::SerializedSnapshot;
use sqlx::{PgPool, Row};

use crate::connections::answered;

const FIND: &str = include_str!("sql/snapshot_find.sql");
const STORE: &str = include_str!("sql/snapshot_store.sql");

pub(crate) async fn find(
    pool: &PgPool,
    aggregate_type: &str,
    aggregate_id: &str,
    version: u32,
) -> Result<Option<SerializedSnapshot>, sqlx::Error> {
    let row = sqlx::query(FIND)
        .bind(aggregate_type)
        .bind(aggregate_id)
        .bind(i64::from(version))
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        let last_sequence: i64 = row.try_get("last_sequence")?;
        Ok(SerializedSnapshot {
            aggregate_id: aggregate_id.to_owned(),
            aggregate: row.try_get("payload")?,
            current_sequence: usize::try_from(last_sequence).unwrap_or_default(),
            // cqrs-es counts a stream's snapshots; ours are found by sequence alone.
            current_snapshot: 1,
        })
    })
    .transpose()
}

/// Whether a stream that went from `before` to `after` passed a multiple of its noun's snapshot distance.
pub(crate) fn is_due<N: Noun>(before: i64, after: i64) -> bool {
    N::SNAPSHOT_EVERY
        .and_then(|every| i64::try_from(every).ok())
        .is_some_and(|every| every > 0 && before / every < after / every)
}

/// Stores a state, unless a later one is there already.
pub(crate) async fn store<N: Noun>(
    pool: &PgPool,
    aggregate_id: &str,
    sequence: i64,
    state: &Folded<N>,
) -> Result<(), sqlx::Error> {
    let storing = sqlx::query(STORE)
        .bind(N::TYPE)
        .bind(aggregate_id)
        .bind(i64::from(N::STATE_VERSION))
        .bind(sequence)
        .bind(sqlx::types::Json(&state.life))
        .bind(state.created_at)
        .bind(state.updated_at)
        .execute(pool);
    answered(storing).await?;
    Ok(())
}
