//! `PUT /api/v2/users/{user}/status/suspend` and `…/activate`.

use chancery_operations::user;

use super::model::UserModel;
use super::path::UserPath;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// Suspends a user: every session and token of the user is refused from now on.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/status/suspend",
    responses(
        (status = 200, description = "The user.", body = UserModel),
        WriteRefusal,
    )
)]
pub async fn suspend_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<UserModel>, ApiError> {
    Ok(Json(user::suspend(&caller, &user).await?.into()))
}

/// Makes a suspended or dormant user active. Its sessions and tokens that have not expired are good again.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/status/activate",
    responses(
        (status = 200, description = "The user.", body = UserModel),
        WriteRefusal,
    )
)]
pub async fn activate_user(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<UserModel>, ApiError> {
    Ok(Json(user::activate(&caller, &user).await?.into()))
}
