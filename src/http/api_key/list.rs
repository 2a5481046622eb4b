//! `GET /api/v2/users/{user}/keys/tokens`.

use chancery_operations::api_key;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ApiKeyModel;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn};
use crate::http::user::UserPath;

/// Whose tokens are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// `true` for everyone's: for owners.
    #[param(value_type = Option<bool>)]
    include_all: bool,
}

/// An API token with its user's name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = APIKeyWithOwner)]
pub struct NamedTokenModel {
    #[serde(flatten)]
    key: ApiKeyModel,
    /// The name of the user whose token it is.
    username: String,
}

/// A user's API tokens, oldest first; expired ones are among them.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/keys/tokens",
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me"), Parameters),
    responses((status = 200, description = "The tokens.", body = Vec<NamedTokenModel>), ReadRefusal)
)]
pub async fn list_tokens(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<NamedTokenModel>>, ApiError> {
    let own = api_key::list_tokens(&caller, &user).await?;
    let tokens = if parameters.include_all {
        api_key::list_every_token(&caller).await?
    } else {
        let named = |key| (key, user.username.clone());
        own.into_iter().map(named).collect()
    };
    let models = tokens.into_iter().map(|(key, username)| NamedTokenModel {
        key: key.into(),
        username,
    });
    Ok(Json(models.collect()))
}
