//! API keys: sessions and tokens. They are in the [registry](crate::registry). When each was last used is no event, and beside it.

use std::collections::HashMap;

use chancery_aggregates::api_key;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};

use crate::registry::{Page, Shown, View, ViewError};

/// An API key, with when it was last used.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiKey {
    /// The key. Its id is the ten characters before the dash of its text.
    pub key: Shown<api_key::ApiKey>,
    /// When it was last used, at most an hour stale; `None` = never.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An API token with its user's name.
#[derive(Debug, Clone, PartialEq, FromRow)]
struct NamedToken {
    #[sqlx(flatten)]
    key: Shown<api_key::ApiKey>,
    username: String,
}

/// A user's key by its id.
pub async fn find(pool: &PgPool, user_id: UserId, id: &str) -> Result<Option<ApiKey>, ViewError> {
    let key: Option<Shown<api_key::ApiKey>> = View::Now(pool).get(id).await?;
    let own = key.filter(|key| key.thing.user_id == user_id);
    Ok(with_uses(pool, own).await?.pop())
}

/// A user's token by its name.
pub async fn find_by_name(
    pool: &PgPool,
    user_id: UserId,
    name: &str,
) -> Result<Option<ApiKey>, ViewError> {
    if name.is_empty() {
        return Ok(None);
    }
    let token = View::Now(pool).by_name(Some(user_id.uuid()), name).await?;
    Ok(with_uses(pool, token).await?.pop())
}

/// A user's keys, sessions and tokens, oldest first. Expired ones are among them.
pub async fn list(pool: &PgPool, user_id: UserId) -> Result<Vec<ApiKey>, ViewError> {
    let owner = Some(user_id.uuid());
    let keys = View::Now(pool).list(owner, Page::default()).await?;
    let mut keys = with_uses(pool, keys).await?;
    keys.sort_by_cached_key(|key| (key.key.created_at, key.key.id.clone()));
    Ok(keys)
}

/// Everyone's tokens with their users' names, oldest first. Expired ones are among them.
pub async fn list_every_token(pool: &PgPool) -> Result<Vec<(ApiKey, String)>, sqlx::Error> {
    let tokens: Vec<NamedToken> = sqlx::query_as(include_str!("sql/list_every_token.sql"))
        .fetch_all(pool)
        .await?;
    let tokens = tokens.into_iter().map(|token| (token.key, token.username));
    let (keys, users): (Vec<_>, Vec<_>) = tokens.unzip();
    let keys = with_uses(pool, keys).await?;
    Ok(keys.into_iter().zip(users).collect())
}

async fn with_uses(
    pool: &PgPool,
    keys: impl IntoIterator<Item = Shown<api_key::ApiKey>>,
) -> Result<Vec<ApiKey>, sqlx::Error> {
    let keys: Vec<_> = keys.into_iter().collect();
    let ids: Vec<&str> = keys.iter().map(|key| &*key.id).collect();
    let uses: Vec<(String, DateTime<Utc>)> = sqlx::query_as(include_str!("sql/last_used.sql"))
        .bind(ids)
        .fetch_all(pool)
        .await?;
    let uses: HashMap<_, _> = uses.into_iter().collect();
    let with_use = |key: Shown<_>| ApiKey {
        last_used_at: uses.get(&key.id).copied(),
        key,
    };
    Ok(keys.into_iter().map(with_use).collect())
}

/// The ids of up to `limit` keys of a user that are refused because the password changed or the user was deleted.
pub async fn refused_ids(
    pool: &PgPool,
    user_id: UserId,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/refused_ids.sql"))
        .bind(user_id)
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
    pub user_id: UserId,
    /// When it was used.
    pub used_at: DateTime<Utc>,
}

/// Notes that keys were used, and their users seen. Writes at most hourly for each.
pub async fn note_uses(pool: &PgPool, uses: &[KeyUse]) -> Result<(), sqlx::Error> {
    let ids: Vec<&str> = uses.iter().map(|one| &*one.key_id).collect();
    let user_ids: Vec<UserId> = uses.iter().map(|one| one.user_id).collect();
    let times: Vec<DateTime<Utc>> = uses.iter().map(|one| one.used_at).collect();
    sqlx::query(include_str!("sql/note_uses.sql"))
        .bind(ids)
        .bind(user_ids)
        .bind(times)
        .execute(pool)
        .await?;
    Ok(())
}
