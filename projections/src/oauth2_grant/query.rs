use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};

use super::row::Grant;

/// A grant by its id: the prefix of its code's and refresh tokens' texts. `None` when there is none, or when its app or
/// the client secret that it was exchanged with was deleted.
pub async fn find(pool: &PgPool, id: &str) -> Result<Option<Grant>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/find.sql"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The grants of a user and app that are neither superseded nor revoked, oldest first; expired ones are among them.
pub async fn list_live(
    pool: &PgPool,
    user_id: UserId,
    app_id: OAuth2AppId,
) -> Result<Vec<Grant>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list_live.sql"))
        .bind(user_id)
        .bind(app_id)
        .fetch_all(pool)
        .await
}

/// A grant, and when one of its tokens was last used.
#[derive(FromRow)]
struct UsedGrant {
    #[sqlx(flatten)]
    grant: Grant,
    last_used_at: Option<DateTime<Utc>>,
}

/// The grants of a user that hold tokens which have not expired at `now`, the newest first, each with when a token of it was last
/// used.
pub async fn list_exchanged(
    pool: &PgPool,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<(Grant, Option<DateTime<Utc>>)>, sqlx::Error> {
    let grants: Vec<UsedGrant> = sqlx::query_as(include_str!("sql/list_exchanged.sql"))
        .bind(user_id)
        .bind(now)
        .fetch_all(pool)
        .await?;
    let grants = grants.into_iter();
    Ok(grants.map(|used| (used.grant, used.last_used_at)).collect())
}

/// The ids of up to `limit` grants of a user that were issued until `issued_until` and are neither superseded nor revoked.
pub async fn live_ids_until(
    pool: &PgPool,
    user_id: UserId,
    issued_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/live_ids_until.sql"))
        .bind(user_id)
        .bind(issued_until)
        .bind(limit)
        .fetch_all(pool)
        .await
}
