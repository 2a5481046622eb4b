//! The schemas of a projection.
//!
//! A schema's name cannot be a bind parameter, so these statements are put together here, and only here: from a
//! [`ProjectionName`], which is a constant of the program, or a [`SchemaName`](super::SchemaName), which is checked when it
//! is made. Both have only `a-z`, `0-9` and `_`, and are quoted.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};

use super::error::is_transient;
use super::projection::{Projection, ProjectionName};

/// The schema whose tables answer queries.
pub(super) fn live(name: ProjectionName) -> String {
    format!("projection_{name}")
}

/// The schema that a rebuild or a verification fills.
pub(super) fn shadow(name: ProjectionName) -> String {
    format!("projection_{name}_rebuild")
}

/// The former live schema between a swap and its removal.
pub(super) fn old(name: ProjectionName) -> String {
    format!("projection_{name}_old")
}

fn quoted(schema: &str) -> String {
    format!("\"{schema}\"")
}

/// Makes a schema and the projection's tables in it, and leaves the connection's `search_path` on it. Within a
/// transaction of the caller.
pub(super) async fn create(
    connection: &mut PgConnection,
    schema: &str,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    connection
        .execute(format!("CREATE SCHEMA {}", quoted(schema)).as_str())
        .await?;
    super::connection::set_search_path(connection, schema).await?;
    connection
        .execute(sqlx::raw_sql(projection.tables()))
        .await?;
    Ok(())
}

/// Makes the indexes that `apply` does without, in the schema that the connection's `search_path` is on.
pub(super) async fn index(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    for statement in statements(projection.indexes()) {
        connection.execute(statement).await?;
    }
    Ok(())
}

/// The statements of a file of ours, in which each ends a line.
fn statements(sql: &'static str) -> impl Iterator<Item = &'static str> {
    sql.split_inclusive(";\n")
        .filter(|statement| !statement.trim().is_empty())
}

/// As [`index`], in the schema that is named and on a second connection beside this one: making an index of a large table
/// keeps one processor busy.
pub(super) async fn index_on_two(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
    schema: &str,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    if statements(projection.indexes()).nth(1).is_none() {
        return index(connection, projection).await;
    }
    let mut other = super::connection::open(options, schema).await?;
    let left = Mutex::new(statements(projection.indexes()));
    let make = async |connection: &mut PgConnection| {
        connection
            .execute("SET max_parallel_maintenance_workers = 0")
            .await?;
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(statement) = next else {
                return Ok::<(), sqlx::Error>(());
            };
            connection.execute(statement).await?;
        }
    };
    tokio::try_join!(make(connection), make(&mut other))?;
    other.close().await
}

/// Keeps background workers off tables that are being filled. Within a transaction of the caller.
async fn begin_bulk(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    for table in tables(connection, schema).await? {
        let statement = format!(
            "ALTER TABLE {}.{} SET (autovacuum_enabled = false)",
            quoted(schema),
            quoted(&table)
        );
        connection.execute(statement.as_str()).await?;
    }
    Ok(())
}

/// Gives filled tables back to the background workers, with statistics, so that the first queries are planned well.
pub(super) async fn end_bulk(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<(), sqlx::Error> {
    for table in tables(connection, schema).await? {
        let table = format!("{}.{}", quoted(schema), quoted(&table));
        let reset = format!("ALTER TABLE {table} RESET (autovacuum_enabled)");
        connection.execute(reset.as_str()).await?;
        let analyze = format!("ANALYZE {table}");
        connection.execute(analyze.as_str()).await?;
    }
    Ok(())
}

/// Makes a schema with the projection's tables for a rebuild, as [`create`] does.
pub(super) async fn create_shadow(
    connection: &mut PgConnection,
    schema: &str,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    create(connection, schema, projection).await?;
    begin_bulk(connection, schema).await
}

/// Makes a schema and the tables of all projections in it, for a replay.
pub(super) async fn create_all(
    connection: &mut PgConnection,
    schema: &str,
    projections: &[Arc<dyn Projection>],
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    transaction
        .execute(format!("CREATE SCHEMA {}", quoted(schema)).as_str())
        .await?;
    super::connection::set_search_path(&mut transaction, schema).await?;
    for projection in projections {
        transaction
            .execute(sqlx::raw_sql(projection.tables()))
            .await?;
    }
    begin_bulk(&mut transaction, schema).await?;
    transaction.commit().await
}

/// Gives a complete schema its name, and says what it holds.
pub(super) async fn publish(
    connection: &mut PgConnection,
    schema: &str,
    name: &str,
    position: i64,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let rename = format!("ALTER SCHEMA {} RENAME TO {}", quoted(schema), quoted(name));
    transaction.execute(rename.as_str()).await?;
    let comment = format!(
        "COMMENT ON SCHEMA {} IS 'The read models as of position {position}.'",
        quoted(name)
    );
    transaction.execute(comment.as_str()).await?;
    transaction.commit().await
}

/// Whether there is such a schema.
pub(super) async fn exists(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)")
        .bind(schema)
        .fetch_one(connection)
        .await
}

/// A query of all rows of a table as JSON, in an order that depends on their content alone.
pub(super) fn rows_as_json(schema: &str, table: &str) -> String {
    format!(
        "SELECT row_to_json(r)::text COLLATE \"C\" AS row FROM {}.{} AS r ORDER BY 1",
        quoted(schema),
        quoted(table)
    )
}

/// Renames the shadow schema to the live one, and the live one out of the way. Within the swap's transaction.
pub(super) async fn swap(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<(), sqlx::Error> {
    let rename = |from: String, to: String| {
        format!("ALTER SCHEMA {} RENAME TO {}", quoted(&from), quoted(&to))
    };
    connection
        .execute(rename(live(name), old(name)).as_str())
        .await?;
    connection
        .execute(rename(shadow(name), live(name)).as_str())
        .await?;
    Ok(())
}

/// Removes a schema if it is there. Gives way to queries that still read it: waits two seconds for their locks, then
/// lets go and tries again, up to a minute and a half. A background worker that tidies the tables steps aside after
/// `deadlock_timeout`, a second: a shorter wait would never get past it.
pub(super) async fn drop(connection: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    const ATTEMPTS: usize = 40;
    let statement = format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(schema));
    let mut attempt = 1;
    loop {
        let mut transaction = connection.begin().await?;
        transaction.execute("SET LOCAL lock_timeout = '2s'").await?;
        transaction
            .execute("SET LOCAL client_min_messages = 'warning'")
            .await?;
        match transaction.execute(statement.as_str()).await {
            Ok(_) => return transaction.commit().await,
            Err(error @ sqlx::Error::Database(_)) if is_transient(&error) && attempt < ATTEMPTS => {
                transaction.rollback().await?;
                attempt += 1;
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether a killed rebuild or swap left a schema behind.
pub(super) async fn has_leftovers(
    connection: &mut PgConnection,
    name: ProjectionName,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname IN ($1, $2))",
    )
    .bind(shadow(name))
    .bind(old(name))
    .fetch_one(connection)
    .await
}

/// The tables of a schema, by name.
pub(super) async fn tables(
    connection: &mut PgConnection,
    schema: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = $1 ORDER BY 1",
    )
    .bind(schema)
    .fetch_all(connection)
    .await
}

/// A query of all rows of a table as text, in an order that depends on their content alone.
pub(super) fn rows_as_text(schema: &str, table: &str) -> String {
    format!(
        "SELECT r::text COLLATE \"C\" AS row FROM {}.{} AS r ORDER BY 1",
        quoted(schema),
        quoted(table)
    )
}
