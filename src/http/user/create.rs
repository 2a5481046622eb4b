//! `POST /api/v2/users`.

use axum::http::StatusCode;
use chancery_aggregates::organization::OrganizationId;
use chancery_operations::secret::Secret;
use chancery_operations::user::{self, NewUser};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::UserModel;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, SignedIn, WriteRefusal};

/// The user to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateUserRequest {
    /// The e-mail address, with which the user signs in.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required = true, min_length = 3, max_length = 254)]
    email: String,
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(
        required = true,
        min_length = 1,
        max_length = 32,
        pattern = "^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$"
    )]
    username: String,
    /// The person's name; may be left out.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// For login type `password`, and for it alone.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// `password` (the default) or `none`. `oidc` and `github` are refused: nobody can sign in with them here.
    #[serde(default, deserialize_with = "null_as_default")]
    login_type: String,
    /// The older way to say login type `none`.
    #[serde(default, deserialize_with = "null_as_default")]
    disable_login: bool,
    /// `dormant` (the default), `active` or `suspended`.
    #[serde(default, deserialize_with = "null_as_default")]
    user_status: String,
    /// The organizations that the user belongs to from the beginning: at least one.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required = true, min_items = 1)]
    organization_ids: Vec<OrganizationId>,
}

/// Makes a user and its memberships, all or nothing.
#[utoipa::path(
    post,
    path = "/api/v2/users",
    responses(
        (status = 201, description = "The new user.", body = UserModel),
        WriteRefusal,
    )
)]
pub async fn create_user(
    SignedIn(caller): SignedIn,
    Json(request): Json<CreateUserRequest>,
) -> Result<(StatusCode, Json<UserModel>), ApiError> {
    let new = NewUser {
        email: request.email,
        username: request.username,
        name: request.name,
        password: request.password,
        login_type: request.login_type,
        disable_login: request.disable_login,
        status: request.user_status,
        organization_ids: request.organization_ids,
    };
    let user = user::create(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}
