//! What the operations that change a user share.

use chancery_aggregates::user::{Command, Error, User};
use chancery_ledger::ExecuteError;
use chancery_projections::ProjectionName;
use chancery_projections::user::{self, UserRef};
use uuid::Uuid;

use super::UserModel;
use crate::http::{ApiError, AppState, RequestFacts, Session, Validation};
use crate::policy::Permit;

/// Carries out a command on a user, and waits until the read model shows it.
pub async fn change(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    user_id: Uuid,
    command: Command,
) -> Result<(), ApiError> {
    let executed = state
        .commands(permit)
        .execute::<User>(
            &user_id.to_string(),
            command,
            &facts.command(state, &session.actor()),
        )
        .await
        .map_err(failed)?;
    // Lists of members are in order of the user's name.
    for projection in [ProjectionName::USER, ProjectionName::ORGANIZATION] {
        state.wait_for(projection, executed.position).await?;
    }
    Ok(())
}

/// The user as it is now.
pub async fn read(state: &AppState, user_id: Uuid) -> Result<UserModel, ApiError> {
    user::find(state.projections.pool(), UserRef::Id(user_id))
        .await?
        .map(UserModel::from)
        .ok_or_else(ApiError::not_found)
}

/// How a command to a user that failed is answered.
pub fn failed(error: ExecuteError<Error>) -> ApiError {
    match error {
        ExecuteError::KeyTaken { .. } => {
            let detail = "This value is already in use and should be unique.";
            ApiError::conflict("A user with this username already exists.")
                .with_validations(vec![Validation::new("username", detail)])
        }
        error => ApiError::of_execute(error, refused),
    }
}

/// How the domain's refusals are answered.
pub fn refused(error: Error) -> ApiError {
    match error {
        // Someone else deleted the user in between.
        Error::NotFound => ApiError::not_found(),
        Error::OwnerNotSuspendable => ApiError::bad_request(error.to_string()),
        Error::PasswordNotAllowed => {
            ApiError::bad_request("Users without password login type cannot change their password.")
        }
        Error::AlreadyExists | Error::PasswordMissing | Error::Suspended => {
            ApiError::internal(&error)
        }
    }
}
