//! The secrets of OAuth2 apps. The apps are in the [registry](crate::registry).

mod projection;
mod registrations;

use std::collections::HashMap;

use chancery_aggregates::oauth2_app::{AppSecretId, OAuth2App, OAuth2AppId};
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

pub use projection::OAuth2Apps;
pub use registrations::{Looked, unused_registrations};

/// A client secret as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Id.
    pub id: AppSecretId,
    /// The last six characters of its text.
    pub display_secret: String,
    /// When it last authenticated the app, at most an hour stale; `None` = never.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The ids of the apps for which a user holds tokens at `now`.
pub async fn ids_of_user(
    pool: &PgPool,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<OAuth2AppId>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/ids_of_user.sql"))
        .bind(user_id)
        .bind(now)
        .fetch_all(pool)
        .await
}

/// An app's secrets, in order of creation, with when they were last used.
pub async fn secrets(pool: &PgPool, app: &OAuth2App) -> Result<Vec<Secret>, sqlx::Error> {
    let ids: Vec<AppSecretId> = app.secrets.iter().map(|secret| secret.secret_id).collect();
    let used: Vec<(AppSecretId, DateTime<Utc>)> = sqlx::query_as(include_str!("sql/last_used.sql"))
        .bind(ids)
        .fetch_all(pool)
        .await?;
    let used: HashMap<AppSecretId, DateTime<Utc>> = used.into_iter().collect();
    let secrets = app.secrets.iter().map(|secret| Secret {
        id: secret.secret_id,
        display_secret: secret.display_secret.clone(),
        last_used_at: used.get(&secret.secret_id).copied(),
    });
    Ok(secrets.collect())
}

/// The app that a secret belongs to.
pub async fn app_of_secret(
    pool: &PgPool,
    secret_id: AppSecretId,
) -> Result<Option<OAuth2AppId>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/app_of_secret.sql"))
        .bind(secret_id)
        .fetch_optional(pool)
        .await
}

/// Notes that a client secret authenticated its app at `now`. Writes at most once a minute.
pub async fn touch_secret(
    pool: &PgPool,
    secret_id: AppSecretId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/touch_secret.sql"))
        .bind(secret_id)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}
