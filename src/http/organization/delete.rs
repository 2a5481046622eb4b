//! `DELETE /api/v2/organizations/{organization}`.

use chancery_operations::organization;

use super::path::OrganizationPath;
use crate::http::base::message::Message;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Deletes an organization with its groups and memberships. Its users stay.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    responses(
        (status = 200, description = "The organization is deleted.", body = Message),
        WriteRefusal,
    )
)]
pub async fn delete_organization(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
) -> Result<Json<Message>, ApiError> {
    organization::delete(&caller, &organization).await?;
    Ok(Json(Message::new("Organization has been deleted.")))
}
