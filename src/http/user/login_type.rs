//! `GET /api/v2/users/{user}/login-type`.

use chancery_operations::user;
use serde::Serialize;
use utoipa::ToSchema;

use super::path::UserPath;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};

/// How a user signs in.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserLoginType {
    /// `password`, `github`, `oidc` or `none`.
    login_type: &'static str,
}

/// How a user signs in. For the user itself, owners and user admins.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/login-type",
    responses(
        (status = 200, description = "The login type.", body = UserLoginType),
        ReadRefusal,
    )
)]
pub async fn get_login_type(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<UserLoginType>, ApiError> {
    let login_type = user::login_type(&caller, &user)?.as_str();
    Ok(Json(UserLoginType { login_type }))
}
