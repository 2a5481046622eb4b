//! `/api/v2/oauth2-provider/apps/{app}/secrets`.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chancery_aggregates::oauth2_app::AppSecretId;
use chancery_operations::oauth2_app::{self, NewSecret, Secret};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::OAuth2AppPath;
use crate::http::base::path::{self, segment};
use crate::http::base::{ApiError, AppState, Json, ReadRefusal, SignedIn, WriteRefusal};
use crate::secret;

/// A client secret, without its text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OAuth2ProviderAppSecret {
    /// The secret's id.
    id: AppSecretId,
    /// When it last authenticated its app, at most an hour late; null until then.
    last_used_at: Option<DateTime<Utc>>,
    /// The last six characters of its text.
    #[schema(example = "a1B2c3")]
    client_secret_truncated: String,
}

impl From<Secret> for OAuth2ProviderAppSecret {
    fn from(secret: Secret) -> Self {
        Self {
            id: secret.id,
            last_used_at: secret.last_used_at,
            client_secret_truncated: secret.display_secret,
        }
    }
}

/// A new client secret. Its text is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuth2ProviderAppSecretFull {
    /// The secret's id.
    id: AppSecretId,
    /// The whole text.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    client_secret_full: secret::Secret,
}

impl From<NewSecret> for OAuth2ProviderAppSecretFull {
    fn from(secret: NewSecret) -> Self {
        Self {
            id: secret.id,
            client_secret_full: secret.text,
        }
    }
}

/// The `{secret_id}` that the path names. An extractor.
pub struct SecretId(AppSecretId);

impl FromRequestParts<AppState> for SecretId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let text = segment(parts, state, "secret_id").await?;
        path::id(&text).map(Self)
    }
}

/// Lists an app's secrets by creation time, without their texts.
#[utoipa::path(
    get,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    responses((status = 200, description = "The secrets.", body = [OAuth2ProviderAppSecret]), ReadRefusal)
)]
pub async fn list_oauth2_app_secrets(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<Json<Vec<OAuth2ProviderAppSecret>>, ApiError> {
    let secrets = oauth2_app::list_secrets(&caller, &app).await?.into_iter();
    Ok(Json(secrets.map(OAuth2ProviderAppSecret::from).collect()))
}

/// Creates a client secret. This answer alone shows its text.
#[utoipa::path(
    post,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets",
    responses((status = 201, description = "The secret.", body = OAuth2ProviderAppSecretFull), WriteRefusal)
)]
pub async fn create_oauth2_app_secret(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
) -> Result<(StatusCode, Json<OAuth2ProviderAppSecretFull>), ApiError> {
    let secret = oauth2_app::create_secret(&caller, &app).await?;
    Ok((StatusCode::CREATED, Json(secret.into())))
}

/// Deletes a client secret with the codes and tokens issued by it.
#[utoipa::path(
    delete,
    path = "/api/v2/oauth2-provider/apps/{app}/secrets/{secret_id}",
    responses((status = 204, description = "Deleted."), WriteRefusal)
)]
pub async fn delete_oauth2_app_secret(
    SignedIn(caller): SignedIn,
    OAuth2AppPath(app): OAuth2AppPath,
    SecretId(secret): SecretId,
) -> Result<StatusCode, ApiError> {
    oauth2_app::delete_secret(&caller, &app, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}
