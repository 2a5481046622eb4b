//! `PUT /api/v2/users/{user}/profile`.

use chancery_operations::user::{self, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::UserModel;
use super::path::UserPath;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// The new profile.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserProfileRequest {
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(
        required = true,
        min_length = 1,
        max_length = 32,
        pattern = "^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$"
    )]
    username: String,
    /// The person's name; emptied when left out.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
}

/// Replaces the user name and the person's name. For the user itself and owners.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/profile",
    responses(
        (status = 200, description = "The user.", body = UserModel),
        WriteRefusal,
    )
)]
pub async fn update_profile(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<UpdateUserProfileRequest>,
) -> Result<Json<UserModel>, ApiError> {
    let profile = Profile {
        username: request.username,
        name: request.name,
    };
    let user = user::update_profile(&caller, &user, profile).await?;
    Ok(Json(user.into()))
}
