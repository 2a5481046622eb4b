//! `GET /api/v2/users/{user}/keys/{keyid}` and `GET /api/v2/users/{user}/keys/tokens/{name}`.

use chancery_operations::api_key;

use super::model::ApiKeyModel;
use super::path::{KeyId, KeyName};
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn};
use crate::http::user::UserPath;

/// A key, by its id.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/{keyid}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyid" = String, Path, description = "The ten characters before the dash of the key"),
    ),
    responses(
        (status = 200, description = "The answer.", body = ApiKeyModel),
        ReadRefusal,
    )
)]
pub async fn get_key(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyId(id): KeyId,
) -> Result<Json<ApiKeyModel>, ApiError> {
    Ok(Json(api_key::find(&caller, &user, &id).await?.into()))
}

/// A token, by its name.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens/{keyname}",
    tag = "Users",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("keyname" = String, Path, description = "The token's name"),
    ),
    responses(
        (status = 200, description = "The answer.", body = ApiKeyModel),
        ReadRefusal,
    )
)]
pub async fn get_token_by_name(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    KeyName(name): KeyName,
) -> Result<Json<ApiKeyModel>, ApiError> {
    let key = api_key::find_by_name(&caller, &user, &name).await?;
    Ok(Json(key.into()))
}
