//! `GET /api/v2/users/roles`.

use chancery_operations::user;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};

/// A role, and whether the caller may give it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssignableRoles)]
pub struct AssignableRole {
    /// The role's name.
    name: &'static str,
    /// The name shown to people.
    display_name: &'static str,
    /// Whether the caller may give and take it.
    assignable: bool,
    /// Whether the role comes with the server.
    built_in: bool,
}

/// The site roles.
#[utoipa::path(
    get,
    path = "/api/v2/users/roles",
    tag = "Members",
    responses(
        (status = 200, description = "The roles.", body = Vec<AssignableRole>),
        ReadRefusal,
    )
)]
pub async fn list_site_roles(
    SignedIn(caller): SignedIn,
) -> Result<Json<Vec<AssignableRole>>, ApiError> {
    let roles = user::assignable_roles(&caller);
    let roles = roles.map(|(role, assignable)| AssignableRole {
        name: role.name(),
        display_name: role.display_name(),
        assignable,
        built_in: true,
    });
    Ok(Json(roles.collect()))
}
