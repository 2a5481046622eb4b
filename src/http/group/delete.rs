//! `DELETE /api/v2/groups/{group}`.

use chancery_operations::group;

use super::path::GroupPath;
use crate::http::base::message::Message;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Deletes a group. Its members stay in the organization.
#[utoipa::path(
    delete,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = uuid::Uuid, Path, description = "Group id")),
    responses(
        (status = 200, description = "The group is deleted.", body = Message),
        WriteRefusal,
    )
)]
pub async fn delete_group(
    SignedIn(caller): SignedIn,
    GroupPath(group): GroupPath,
) -> Result<Json<Message>, ApiError> {
    group::delete(&caller, &group).await?;
    Ok(Json(Message::new("Successfully deleted group!")))
}
