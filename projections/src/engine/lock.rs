//! One rebuild or verification at a time: a session advisory lock per projection.

use sqlx::PgConnection;

use super::projection::ProjectionName;

/// First half of the advisory lock's key ("Chan"); the second is the hash of the projection's name.
const CLASS: i32 = 0x4368_616e;

/// Takes the lock for the life of the connection; `false` when another session has it.
pub(super) async fn try_acquire(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1, hashtext($2) & 2147483647)")
        .bind(CLASS)
        .bind(name.as_str())
        .fetch_one(connection)
        .await
}

/// Gives the connection's lock back.
pub(super) async fn release(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_unlock($1, hashtext($2) & 2147483647)")
        .bind(CLASS)
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the lock until the end of the transaction, waiting for it.
pub(super) async fn acquire_for_transaction(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext($2) & 2147483647)")
        .bind(CLASS)
        .bind(name.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The names among `names` whose lock some session of this database holds.
pub(super) async fn held(
    connection: &mut PgConnection,
    names: &[&str],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT n FROM unnest($2::text[]) AS n WHERE EXISTS ( \
             SELECT FROM pg_catalog.pg_locks \
             WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
               AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
               AND classid = $1::int4::oid AND objid = (hashtext(n) & 2147483647)::oid)",
    )
    .bind(CLASS)
    .bind(names)
    .fetch_all(connection)
    .await
}
