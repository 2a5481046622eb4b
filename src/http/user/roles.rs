//! `/api/v2/users/{user}/roles`.

use std::collections::BTreeMap;

use chancery_aggregates::organization::OrganizationId;
use chancery_operations::user;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::UserModel;
use super::path::UserPath;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, WriteRefusal};

/// The roles of a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserRoles {
    /// Site roles; the implicit `member` is not listed.
    roles: Vec<String>,
    /// Roles in each organization that the user belongs to, by its id.
    organization_roles: BTreeMap<OrganizationId, Vec<String>>,
}

/// The new site roles.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateRoles {
    /// All site roles that the user is to have.
    #[serde(default, deserialize_with = "null_as_default")]
    roles: Vec<String>,
}

/// The roles of a user, on the site and in its organizations.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/roles",
    responses(
        (status = 200, description = "The roles.", body = UserRoles),
        ReadRefusal,
    )
)]
pub async fn get_user_roles(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<UserRoles>, ApiError> {
    let organization_roles = user::organization_roles(&caller, &user).await?;
    Ok(Json(UserRoles {
        roles: user.roles,
        organization_roles: organization_roles.into_iter().collect(),
    }))
}

/// Replaces the site roles of a user. A role that is given or taken must be one that the caller may assign.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/roles",
    responses(
        (status = 200, description = "The user.", body = UserModel),
        WriteRefusal,
    )
)]
pub async fn update_user_roles(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<UpdateRoles>,
) -> Result<Json<UserModel>, ApiError> {
    let user = user::change_roles(&caller, &user, &request.roles).await?;
    Ok(Json(user.into()))
}
