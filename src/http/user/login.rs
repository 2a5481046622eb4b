//! `POST /api/v2/users/login`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_operations::secret::Secret;
use chancery_operations::user;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, AppState, ErrorBody, Json, NotSignedIn, OwnJson, cookie};

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoginRequest {
    /// The e-mail address; its case does not matter.
    #[serde(default, deserialize_with = "null_as_default")]
    email: String,
    /// The password.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

/// The session that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginResponse {
    /// To be sent as `Coder-Session-Token`, as bearer token, or as the cookie `coder_session_token`.
    #[serde(serialize_with = "chancery_operations::secret::show")]
    #[schema(value_type = String, format = Password)]
    session_token: Secret,
}

/// Signs in with a password.
#[utoipa::path(
    post,
    path = "/api/v2/users/login",
    tag = "Authorization",
    security(()),
    request_body = LoginRequest,
    responses(
        (status = 201, body = LoginResponse),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, description = "Another site's page sent it, or the user signs in another way.", body = ErrorBody),
        (status = 429, body = ErrorBody),
    )
)]
pub async fn log_in(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    OwnJson(request): OwnJson<LoginRequest>,
) -> Result<Response, ApiError> {
    let session_token = user::sign_in(&guest, &request.email, request.password).await?;
    let lifetime = state.config.lifetimes.session;
    let cookie = cookie::set_session(&session_token, lifetime, state.secure_cookies());
    let body = Json(LoginResponse { session_token });
    let mut response = (StatusCode::CREATED, body).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
