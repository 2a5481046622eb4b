//! `POST /api/v2/users/{user}/keys`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::api_key::{CreateApiKey, Origin, Scope};
use chancery_aggregates::login_type::LoginType;

use super::{GenerateApiKeyResponse, record};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource};
use crate::secret::NewApiKey;

/// Makes a key that behaves like a signed-in session. Only a session that began with signing in may.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 201, description = "The new key.", body = GenerateApiKeyResponse),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn create_key(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Create, Resource::ApiKey { user_id })?;
    if session.credential.origin != Origin::Login.as_str() {
        return Err(ApiError::forbidden());
    }
    let key = NewApiKey::generate(&state.randomness);
    let (lifetime_seconds, expires_at) =
        state.expiry(state.lifetimes().session, state.clock.now())?;
    let create = CreateApiKey {
        user_id,
        origin: Origin::Login,
        login_type: LoginType::Password,
        scope: Scope::All,
        token_name: None,
        hashed_secret: key.hash.clone(),
        lifetime_seconds,
        expires_at,
    };
    record(&state, &session, &facts, &permit, &key, create).await?;
    Ok((
        StatusCode::CREATED,
        Json(GenerateApiKeyResponse { key: key.text }),
    ))
}
