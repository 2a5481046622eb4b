//! `POST /api/v2/users/login`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_aggregates::Personal;
use chancery_aggregates::login_refusal::{Command as RefusalCommand, LoginRefusal, Reason};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Account, Status};
use chancery_projections::user::{self, UserRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::start_session::start_session;
use crate::http::json::null_as_default;
use crate::http::{
    Actor, ApiError, AppState, Challenge, ErrorBody, Json, RequestFacts, Validation, cookie,
};
use crate::password_strength::PASSWORD_MAX;
use crate::policy::{self, PublicOperation};
use crate::secret::Secret;

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
        (status = 403, body = ErrorBody),
        (status = 429, body = ErrorBody),
    )
)]
pub async fn log_in(
    State(state): State<AppState>,
    facts: RequestFacts,
    Json(request): Json<LoginRequest>,
) -> Result<Response, ApiError> {
    let session_token = sign_in(&state, &facts, &request.email, request.password).await?;
    let cookie = cookie::set_session(
        &session_token,
        state.lifetimes().session,
        state.secure_cookies(),
    );
    let body = Json(LoginResponse { session_token });
    let mut response = (StatusCode::CREATED, body).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs in and returns the session's token. A refusal is recorded.
pub async fn sign_in(
    state: &AppState,
    facts: &RequestFacts,
    email: &str,
    password: Secret,
) -> Result<Secret, ApiError> {
    check_fields(email, &password)?;
    if let Err(refused) = state.limiters.check_login_account(email) {
        record_refusal(state, facts, email, None, Reason::RateLimited).await?;
        return Err(refused.into());
    }
    let found = user::find(state.projections.pool(), UserRef::Email(email)).await?;
    let account = match &found {
        Some(found) => state.account(found.id).await?,
        None => None,
    };
    let hashed = account
        .as_ref()
        .and_then(|account| account.hashed_password.as_ref());
    let right = state
        .passwords
        .verify(password, hashed.map(PasswordHash::as_str))
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let (Some(found), Some(account)) = (found, account) else {
        record_refusal(state, facts, email, None, Reason::UnknownUser).await?;
        return Err(incorrect());
    };
    if let Some((reason, error)) = refusal(&account, right) {
        record_refusal(state, facts, email, Some(found.id), reason).await?;
        return Err(error);
    }
    start_session(state, facts, &found, &account).await
}

fn check_fields(email: &str, password: &Secret) -> Result<(), ApiError> {
    let mut validations = Vec::new();
    let missing = "Validation failed for tag \"required\" with value: \"\"";
    if email.is_empty() {
        validations.push(Validation::new("email", missing));
    }
    if password.expose().is_empty() {
        validations.push(Validation::new("password", missing));
    }
    if !validations.is_empty() {
        return Err(ApiError::validation_failed(validations));
    }
    // Such a password or address was never taken; hashing and searching would only cost time.
    if password.expose().len() > PASSWORD_MAX || email.contains('\0') {
        return Err(incorrect());
    }
    Ok(())
}

/// 401: not this user, or not with this password.
pub(super) fn incorrect() -> ApiError {
    ApiError::unauthorized("Incorrect email or password.", Challenge::InvalidToken)
}

fn refusal(account: &Account, right: bool) -> Option<(Reason, ApiError)> {
    if account.login_type != LoginType::Password {
        let message = format!(
            "Incorrect login type, attempting to use \"password\", user is of login type \"{}\"",
            account.login_type.as_str()
        );
        let error = ApiError::new(StatusCode::FORBIDDEN, message);
        return Some((Reason::PasswordDisabled, error));
    }
    if !right {
        return Some((Reason::WrongPassword, incorrect()));
    }
    (account.status == Status::Suspended).then(|| (Reason::Suspended, suspended()))
}

/// 401: the user may not sign in.
pub(super) fn suspended() -> ApiError {
    ApiError::unauthorized(
        "Your account is suspended. Contact an admin to reactivate your account.",
        Challenge::InvalidToken,
    )
}

async fn record_refusal(
    state: &AppState,
    facts: &RequestFacts,
    email: &str,
    user_id: Option<Uuid>,
    reason: Reason,
) -> Result<(), ApiError> {
    let permit = policy::public(PublicOperation::Login);
    let command = RefusalCommand::RefuseLogin {
        email: Personal::new(email.to_owned()),
        user_id,
        reason,
    };
    let id = state.randomness.uuid().to_string();
    let context = facts.command(state, &Actor::anonymous());
    state
        .commands(&permit)
        .execute::<LoginRefusal>(&id, command, &context)
        .await
        .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    Ok(())
}
