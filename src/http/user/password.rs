//! `PUT /api/v2/users/{user}/password`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::api_key::DeletionReason;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::oauth2_grant::RevocationReason;
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Command, Error};
use serde::Deserialize;
use utoipa::ToSchema;

use super::ending::{Ender, Ending};
use super::{PathUser, changed};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::password_strength::{self, PASSWORD_MAX};
use crate::policy::{Action, Resource};
use crate::secret::Secret;

/// The new password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserPasswordRequest {
    /// The present password: asked of a user who changes its own.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    old_password: Secret,
    /// The new one: 8 characters or more, not one character repeated, not one of the commonest.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required = true, value_type = String, format = Password)]
    password: Secret,
}

/// Replaces the password. Every key and token of the user ends, that of this request among them. For the user itself and owners.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/password",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = UpdateUserPasswordRequest,
    responses(
        (status = 204, description = "The password is replaced."),
        (status = 400, description = "The old password is wrong, the new one too weak, or the user has none.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not change this password.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
        (status = 429, description = "Too many attempts with a wrong old password.", body = ErrorBody),
    )
)]
pub async fn update_password(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
    Json(request): Json<UpdateUserPasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let user_id = user.id;
    let permit = session.decide(Action::Update, Resource::PersonalData { user_id })?;
    let account = state
        .account(user_id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    if account.login_type != LoginType::Password {
        return Err(changed::refused(Error::PasswordNotAllowed));
    }
    password_strength::check_password(request.password.expose()).map_err(|weak| {
        ApiError::bad_request("Password not strong enough!")
            .with_validations(vec![Validation::new("password", weak.to_string())])
    })?;
    let hashed = account.hashed_password.as_ref().map(PasswordHash::as_str);
    if user_id == session.user_id() || !request.old_password.expose().is_empty() {
        // Who holds a session may still not guess the password.
        state.limiters.check_login_account(&user.email)?;
        if !is_right(&state, request.old_password, hashed).await? {
            let wrong = "Old password is incorrect.";
            return Err(ApiError::bad_request(wrong)
                .with_validations(vec![Validation::new("old_password", wrong)]));
        }
    }
    if is_right(&state, request.password.clone(), hashed).await? {
        let same = "New password cannot match old password.";
        return Err(
            ApiError::bad_request(same).with_validations(vec![Validation::new("password", same)])
        );
    }
    let hashed = state
        .passwords
        .hash(request.password)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let hashed_password =
        PasswordHash::from_phc(hashed).map_err(|error| ApiError::internal(&error))?;
    let ending = Ending {
        user_id,
        command: Command::ChangePassword { hashed_password },
        leaves: false,
        key: DeletionReason::PasswordChanged,
        grant: RevocationReason::PasswordChanged,
    };
    let ender = Ender {
        state: &state,
        session: &session,
        facts: &facts,
        permit: &permit,
    };
    ender.end(&ending).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn is_right(
    state: &AppState,
    password: Secret,
    hashed: Option<&str>,
) -> Result<bool, ApiError> {
    // Longer ones were never taken, and hashing them would only cost time.
    if password.expose().len() > PASSWORD_MAX {
        return Ok(false);
    }
    let right = state.passwords.verify(password, hashed).await;
    right.map_err(|error| ApiError::internal(&error))
}
