//! `GET /api/v2/users/{user}/keys/tokens/tokenconfig`.

use chancery_operations::api_key;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::user::UserPath;

/// What tokens may ask for.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenConfig {
    /// The longest lifetime, in nanoseconds.
    max_token_lifetime: i64,
}

/// What new tokens may ask for.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/tokenconfig",
    tag = "General",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The answer.", body = TokenConfig),
        ReadRefusal,
    )
)]
pub async fn get_token_config(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<TokenConfig>, ApiError> {
    let max = api_key::longest_lifetime(&caller, &user)?.as_nanos();
    Ok(Json(TokenConfig {
        max_token_lifetime: i64::try_from(max).unwrap_or(i64::MAX),
    }))
}
