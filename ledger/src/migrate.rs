//! Bringing a database to this program's schema.

use sqlx::migrate::Migrator;
use sqlx::{Executor, PgPool};

use crate::MigrateError;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");
const ROLES: &str = include_str!("../../migrations/roles.sql");
const APPLIED: &str = include_str!("sql/applied_migrations.sql");

pub(crate) async fn run(pool: &PgPool) -> Result<(), MigrateError> {
    if is_done(pool).await {
        return Ok(());
    }
    run_always(pool).await
}

/// As [`run`], and gives the rights even where the schema is this program's already.
pub(crate) async fn run_always(pool: &PgPool) -> Result<(), MigrateError> {
    MIGRATIONS.run(pool).await?;
    pool.execute(ROLES)
        .await
        .map_err(sqlx::migrate::MigrateError::from)?;
    Ok(())
}

/// Whether every migration of this program has been applied, as it is here. When that cannot be told, migrating will tell why.
async fn is_done(pool: &PgPool) -> bool {
    let applied: Result<Vec<(i64, Vec<u8>)>, _> = sqlx::query_as(APPLIED).fetch_all(pool).await;
    applied.is_ok_and(|applied| {
        let mut wanted = MIGRATIONS.iter();
        wanted.all(|migration| {
            applied.iter().any(|(version, checksum)| {
                *version == migration.version && **checksum == *migration.checksum
            })
        })
    })
}
