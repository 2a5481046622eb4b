//! `DELETE /api/v2/users/{user}`.

use chancery_operations::user;

use super::path::UserPath;
use crate::http::base::message::Message;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Deletes a user: its sessions, tokens and memberships end, and its user name and e-mail address can be taken again. An owner is
/// deleted by an owner only.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{user}",
    responses(
        (status = 200, description = "The user is deleted.", body = Message),
        WriteRefusal,
    )
)]
pub async fn delete_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<Message>, ApiError> {
    user::delete(&caller, &user).await?;
    Ok(Json(Message::new("User has been deleted!")))
}
