//! Connections of followers and rebuilds.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

/// Opens a connection for applying events, its names resolving in `schema`.
///
/// `synchronous_commit` is off: what it writes can be derived again, and rows and checkpoint are lost together or not
/// at all. First statistics of rebuilt tables are coarse; the database makes finer ones by itself. The idle timeout frees the checkpoint row when this process hangs in a transaction.
pub(super) async fn open(
    options: &PgConnectOptions,
    schema: &str,
) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    sqlx::query(
        "SELECT set_config('synchronous_commit', 'off', false), \
                set_config('idle_in_transaction_session_timeout', '60s', false), \
                set_config('tcp_keepalives_idle', '15', false), \
                set_config('lock_timeout', '30s', false), \
                set_config('jit', 'off', false), \
                set_config('default_statistics_target', '30', false), \
                set_config('application_name', $1, false)",
    )
    .bind(schema)
    .execute(&mut connection)
    .await?;
    plan_once(&mut connection).await?;
    set_search_path(&mut connection, schema).await?;
    Ok(connection)
}

/// Plans each prepared statement once. A plan made while the tables were small must not scan them when they are large: every
/// statement finds its rows by keys, one index look-up for each.
async fn plan_once(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), \
                set_config('enable_seqscan', 'off', false), \
                set_config('enable_hashjoin', 'off', false), \
                set_config('enable_mergejoin', 'off', false), \
                set_config('jit', 'off', false)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Plans each statement for its parameters, and as for tables that are in memory: a page of a list then looks up the rows it
/// shows, where the default settings, meant for turning disks, read a whole table from its beginning.
pub(super) async fn plan_for_lists(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('random_page_cost', '1.1', false), \
                set_config('work_mem', '16MB', false)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes unqualified names resolve in the schemas of `path` (comma-separated).
pub(super) async fn set_search_path(
    connection: &mut PgConnection,
    path: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config('search_path', $1, false)")
        .bind(path)
        .execute(connection)
        .await?;
    Ok(())
}
