//! `DELETE /api/v2/users/{user}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::api_key::DeletionReason;
use chancery_aggregates::oauth2_grant::RevocationReason;
use chancery_aggregates::user::Command;

use super::PathUser;
use super::ending::{Ender, Ending};
use super::logout::Message;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, Resource, Role};

/// Deletes a user: its sessions, tokens and memberships end, and its user name and e-mail address can be taken again. An owner is
/// deleted by an owner only.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The user is deleted.", body = Message),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not delete this user, or is this user.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn delete_user(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
) -> Result<Json<Message>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let resource = if user.roles.iter().any(|role| role == Role::Owner.name()) {
        Resource::OwnerUser(user.id)
    } else {
        Resource::User(user.id)
    };
    let permit = session.decide(Action::Delete, resource)?;
    if user.id == session.user_id() {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "You cannot delete yourself!",
        ));
    }
    let ending = Ending {
        user_id: user.id,
        command: Command::DeleteUser,
        leaves: true,
        key: DeletionReason::UserDeleted,
        grant: RevocationReason::UserDeleted,
    };
    let ender = Ender {
        state: &state,
        session: &session,
        facts: &facts,
        permit: &permit,
    };
    ender.end(&ending).await?;
    Ok(Json(Message::new("User has been deleted!")))
}
