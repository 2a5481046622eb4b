//! `POST /api/v2/users/{user}/keys/tokens`.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::api_key::{CreateApiKey, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::TokenName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{GenerateApiKeyResponse, invalid_lifetime, record};
use crate::http::json::null_as_default;
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, Resource};
use crate::secret::NewApiKey;

const DEFAULT_LIFETIME: Duration = Duration::from_hours(30 * 24);
const RANDOM_NAME_LENGTH: usize = 12;

/// The token to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CreateTokenRequest {
    /// How long it lives, in nanoseconds; 0 for 30 days.
    #[serde(default, deserialize_with = "null_as_default")]
    lifetime: i64,
    /// `all` (the default) or `application_connect`.
    #[serde(default, deserialize_with = "null_as_default")]
    scope: String,
    /// A name, unique among the user's tokens; empty for a random one.
    #[serde(default, deserialize_with = "null_as_default")]
    token_name: String,
}

/// Makes an API token.
#[utoipa::path(
    post,
    path = "/api/v2/users/{user}/keys/tokens",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = CreateTokenRequest,
    responses(
        (status = 201, description = "The new key.", body = GenerateApiKeyResponse),
        (status = 400, description = "The request is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token of the request does not suffice.", body = ErrorBody),
        (status = 404, description = "No such user or key, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The user has a token of this name.", body = ErrorBody),
    )
)]
pub async fn create_token(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
    Json(request): Json<CreateTokenRequest>,
) -> Result<(StatusCode, Json<GenerateApiKeyResponse>), ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Create, Resource::ApiKey { user_id })?;
    let (token_name, scope) = check(&state, &request)?;
    let lifetime = lifetime(request.lifetime, state.lifetimes().api_token_max)?;
    let key = NewApiKey::generate(&state.randomness);
    let (lifetime_seconds, expires_at) = state.expiry(lifetime, state.clock.now())?;
    let create = CreateApiKey {
        user_id,
        origin: Origin::Token,
        login_type: LoginType::Token,
        scope,
        token_name: Some(token_name),
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

fn check(state: &AppState, request: &CreateTokenRequest) -> Result<(TokenName, Scope), ApiError> {
    let mut validations = Vec::new();
    let token_name = if request.token_name.is_empty() {
        TokenName::parse(&state.randomness.alphanumeric(RANDOM_NAME_LENGTH))
    } else {
        TokenName::parse(&request.token_name)
    };
    if let Err(invalid) = &token_name {
        validations.push(Validation::invalid("token_name", invalid));
    }
    let scope = match request.scope.as_str() {
        "" | "all" => Some(Scope::All),
        "application_connect" => Some(Scope::ApplicationConnect),
        other => {
            let detail = format!("Validation failed for tag \"oneof\" with value: \"{other}\"");
            validations.push(Validation::new("scope", detail));
            None
        }
    };
    match (token_name, scope) {
        (Ok(token_name), Some(scope)) => Ok((token_name, scope)),
        _ => Err(ApiError::validation_failed(validations)),
    }
}

/// The lifetime asked for in nanoseconds; at least a second, because that is what is kept.
fn lifetime(nanoseconds: i64, max: Duration) -> Result<Duration, ApiError> {
    if nanoseconds == 0 {
        return Ok(DEFAULT_LIFETIME.min(max));
    }
    let lifetime = u64::try_from(nanoseconds).map(Duration::from_nanos).ok();
    let lifetime = lifetime
        .filter(|lifetime| lifetime.as_secs() > 0)
        .ok_or_else(|| {
            invalid_lifetime("lifetime must be positive number greater than 0".to_owned())
        })?;
    if lifetime > max {
        let max = humantime::format_duration(max);
        return Err(invalid_lifetime(format!(
            "lifetime must be less than {max}"
        )));
    }
    Ok(lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_positive_and_bounded() {
        let max = Duration::from_hours(1);
        assert_eq!(lifetime(0, max).unwrap(), max);
        assert_eq!(lifetime(0, DEFAULT_LIFETIME * 2).unwrap(), DEFAULT_LIFETIME);
        assert_eq!(
            lifetime(2_000_000_000, max).unwrap(),
            Duration::from_secs(2)
        );
        for bad in [-1, 1, 999_999_999, 3_600_000_000_001, i64::MAX, i64::MIN] {
            let error = lifetime(bad, max).unwrap_err();
            assert_eq!(error.status, StatusCode::BAD_REQUEST, "{bad}");
            assert!(error.body.detail.is_some());
        }
    }
}
