//! `GET /api/v2/users/{user}/keys/tokens`.

use chancery_operations::api_key;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ApiKeyModel;
use crate::http::base::{ApiError, Json, Query, ReadRefusal, SignedIn, Validation};
use crate::http::user::UserPath;

/// Whose tokens are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// `true` for everyone's: for owners.
    #[param(value_type = Option<bool>)]
    include_all: Option<String>,
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
    let everyones = flag(parameters.include_all.as_deref())?;
    let own = api_key::list_tokens(&caller, &user).await?;
    let tokens = if everyones {
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

fn flag(text: Option<&str>) -> Result<bool, ApiError> {
    match text.unwrap_or_default() {
        "" | "false" | "0" => Ok(false),
        "true" | "1" => Ok(true),
        _ => {
            let detail = "Query param \"include_all\" must be a valid boolean";
            let invalid = Validation::new("include_all", detail);
            Err(ApiError::invalid_query(vec![invalid]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_true_or_false_and_false_when_absent() {
        assert!(flag(Some("true")).unwrap());
        assert!(!flag(None).unwrap());
        assert!(!flag(Some("0")).unwrap());
        let error = flag(Some("maybe")).unwrap_err();
        assert_eq!(error.body.validations[0].field, "include_all");
    }
}
