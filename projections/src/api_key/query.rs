use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// An API key (docs/contract/core.md 3.5), without its hash.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ApiKey {
    /// The ten characters before the dash of its text.
    pub id: String,
    /// Whose key it is.
    pub user_id: Uuid,
    /// `login` for a session, `token` for a key made for programs.
    pub origin: String,
    /// `password`, `github`, `oidc` or `token`.
    pub login_type: String,
    /// `all` or `application_connect`.
    pub scope: String,
    /// Name of a token; empty for sessions.
    pub token_name: String,
    /// Lifetime that a use renews, in seconds.
    pub lifetime_seconds: i64,
    /// End of validity.
    pub expires_at: DateTime<Utc>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
    /// When it was last used, at most an hour stale; `None` = never.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An API token with its user's name.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NamedToken {
    /// The token.
    #[sqlx(flatten)]
    pub key: ApiKey,
    /// The user's name.
    pub username: String,
}

/// A user's keys, sessions and tokens, oldest first. Expired ones are among them.
pub async fn list(pool: &PgPool, user_id: Uuid) -> Result<Vec<ApiKey>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list.sql"))
        .bind(user_id)
        .fetch_all(pool)
        .await
}

/// A user's key by its id.
pub async fn find(pool: &PgPool, user_id: Uuid, id: &str) -> Result<Option<ApiKey>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/find.sql"))
        .bind(user_id)
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// A user's token by its name.
pub async fn find_by_name(
    pool: &PgPool,
    user_id: Uuid,
    name: &str,
) -> Result<Option<ApiKey>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/find_by_name.sql"))
        .bind(user_id)
        .bind(name)
        .fetch_optional(pool)
        .await
}

/// Everyone's tokens with their users' names, oldest first. Expired ones are among them.
pub async fn list_every_token(pool: &PgPool) -> Result<Vec<NamedToken>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list_every_token.sql"))
        .fetch_all(pool)
        .await
}

/// The ids of up to `limit` keys of a user that are refused because the password changed or the user was deleted.
pub async fn refused_ids(
    pool: &PgPool,
    user_id: Uuid,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/refused_ids.sql"))
        .bind(user_id)
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// The ids of up to `limit` keys that expired before a time, the oldest first.
pub async fn expired_ids(
    pool: &PgPool,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/expired_ids.sql"))
        .bind(before)
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// Forgets when keys were used that are no more: looks through the `limit` next stamps after the key `after`, and drops the
/// ones older than `before`. Returns the last key looked at; `None` at the end.
pub async fn forget_uses(
    pool: &PgPool,
    after: &str,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/forget_uses.sql"))
        .bind(after)
        .bind(before)
        .bind(limit)
        .fetch_one(pool)
        .await
}

/// The use of an API key or OAuth2 access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The ten characters before the dash of the key's text.
    pub key_id: String,
    /// Whose key it is.
    pub user_id: Uuid,
    /// When it was used.
    pub used_at: DateTime<Utc>,
}

/// Notes that keys were used, and their users seen. Writes at most hourly for each.
pub async fn note_uses(pool: &PgPool, uses: &[KeyUse]) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/note_uses.sql"))
        .bind(
            uses.iter()
                .map(|key_use| key_use.key_id.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            uses.iter()
                .map(|key_use| key_use.user_id)
                .collect::<Vec<_>>(),
        )
        .bind(
            uses.iter()
                .map(|key_use| key_use.used_at)
                .collect::<Vec<_>>(),
        )
        .execute(pool)
        .await?;
    Ok(())
}
