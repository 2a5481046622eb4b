use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// An OAuth2 app.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OAuth2App {
    /// Id; it is the `client_id`.
    pub id: Uuid,
    /// Name on the consent page; not unique.
    pub name: String,
    /// Redirect URI when a request names none.
    pub callback_url: String,
    /// URL or path of an icon; may be empty.
    pub icon: String,
    /// Redirect URIs registered besides the callback URL.
    pub redirect_uris: Vec<String>,
    /// `confidential` or `public`.
    pub client_type: String,
    /// `client_secret_post`, `client_secret_basic` or `none`.
    pub token_endpoint_auth_method: String,
    /// Whether authorization requests need a code challenge.
    pub require_pkce: bool,
    /// Whether a user may hold several live grants of the app.
    pub allow_multiple_grants: bool,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
}

/// A client secret as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Secret {
    /// Id.
    pub id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The last six characters of its text.
    pub display_secret: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last authenticated the app, at most a minute stale; `None` = never.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// All apps, by name without regard to case, then by id.
pub async fn list(pool: &PgPool) -> Result<Vec<OAuth2App>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list.sql"))
        .fetch_all(pool)
        .await
}

/// The apps for which a user holds tokens at `now`, by name without regard to case, then by id.
pub async fn list_by_user(
    pool: &PgPool,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<OAuth2App>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list_by_user.sql"))
        .bind(user_id)
        .bind(now)
        .fetch_all(pool)
        .await
}

/// An app by its id.
pub async fn get(pool: &PgPool, id: Uuid) -> Result<Option<OAuth2App>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/get.sql"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// An app's secrets, in order of creation.
pub async fn secrets(pool: &PgPool, app_id: Uuid) -> Result<Vec<Secret>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/secrets.sql"))
        .bind(app_id)
        .fetch_all(pool)
        .await
}

/// The app that a secret belongs to.
pub async fn app_of_secret(pool: &PgPool, secret_id: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/app_of_secret.sql"))
        .bind(secret_id)
        .fetch_optional(pool)
        .await
}

/// Notes that a client secret authenticated its app at `now`. Writes at most once a minute.
pub async fn touch_secret(
    pool: &PgPool,
    secret_id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/touch_secret.sql"))
        .bind(secret_id)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}
