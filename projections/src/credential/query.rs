use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::organization::Membership;
use crate::user::{self, User};

/// What a bearer key of a request names: an API key or an OAuth2 access token, with its user. Whether it is valid (hash,
/// expiry, user's status, audience) is for the caller to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The ten characters before the dash of the key's text.
    pub key_id: String,
    /// SHA-256 of the part after the dash, lower-case hex.
    pub hashed_secret: String,
    /// `login` for a session, `token` for a key made for programs, `oauth2` for an access token.
    pub origin: String,
    /// `password`, `github`, `oidc`, `token`, or `oauth2_provider_app` for an access token.
    pub login_type: String,
    /// An API key's scope, `all` or `application_connect`; an access token's granted scope, space-separated, may be empty.
    pub scope: String,
    /// Name of a token; empty for sessions.
    pub token_name: String,
    /// Lifetime that a session's use renews, in seconds.
    pub lifetime_seconds: i64,
    /// End of validity.
    pub expires_at: DateTime<Utc>,
    /// When it was issued.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
    /// When it was last used, at most an hour stale; `None` = never.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The grant behind an OAuth2 access token; `None` for API keys.
    pub oauth2: Option<OAuth2Grant>,
    /// Whose credential it is.
    pub user: User,
    /// What the user is in its organizations.
    pub memberships: Vec<Membership>,
}

/// The grant behind an OAuth2 access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2Grant {
    /// Id of the grant.
    pub grant_id: String,
    /// The app that holds it.
    pub app_id: Uuid,
    /// Resource that the token is bound to (RFC 8707).
    pub audience: Option<String>,
}

impl Credential {
    /// Whether a use at `now` is to be noted with [`api_key::note_uses`](crate::api_key::note_uses): hourly.
    pub fn is_touch_due(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at
            .is_none_or(|last| now - last >= Duration::hours(1))
    }
}

/// Finds a credential by the id in its text. [`Readers::credential`](crate::Readers::credential) does it for many
/// requests at once.
pub async fn find(pool: &PgPool, key_id: &str) -> Result<Option<Credential>, sqlx::Error> {
    let mut found = find_many(pool, &[key_id.to_owned()]).await?;
    Ok(found.remove(key_id))
}

/// Finds many credentials in one query; ids that name none are left out.
pub async fn find_many(
    pool: &PgPool,
    key_ids: &[String],
) -> Result<HashMap<String, Credential>, sqlx::Error> {
    let rows = sqlx::query(include_str!("sql/find.sql"))
        .bind(key_ids)
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| from_row(row).map(|credential| (credential.key_id.clone(), credential)))
        .collect()
}

fn from_row(row: &PgRow) -> Result<Credential, sqlx::Error> {
    let grant_id: Option<String> = row.try_get("grant_id")?;
    let oauth2 = grant_id
        .map(|grant_id| {
            Ok::<_, sqlx::Error>(OAuth2Grant {
                grant_id,
                app_id: row.try_get("app_id")?,
                audience: row.try_get("audience")?,
            })
        })
        .transpose()?;
    let memberships: Option<Json<Vec<Membership>>> = row.try_get("user_memberships")?;
    Ok(Credential {
        key_id: row.try_get("key_id")?,
        hashed_secret: row.try_get("hashed_secret")?,
        origin: row.try_get("origin")?,
        login_type: row.try_get("login_type")?,
        scope: row.try_get("scope")?,
        token_name: row.try_get("token_name")?,
        lifetime_seconds: row.try_get("lifetime_seconds")?,
        expires_at: row.try_get("expires_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        last_used_at: row.try_get("last_used_at")?,
        oauth2,
        user: user::from_prefixed_row(row)?,
        memberships: memberships.map_or_else(Vec::new, |Json(memberships)| memberships),
    })
}
