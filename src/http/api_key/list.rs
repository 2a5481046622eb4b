//! `GET /api/v2/users/{user}/keys/tokens`.

use axum::extract::{Path, State};
use chancery_aggregates::api_key::Origin;
use chancery_projections::api_key;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ApiKeyModel;
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, Query, Session, Validation};
use crate::policy::{Action, Resource};

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
    responses(
        (status = 200, description = "The tokens.", body = Vec<NamedTokenModel>),
        (status = 400, description = "A parameter is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not see everyone's tokens.", body = ErrorBody),
        (status = 404, description = "No such user, or none whose tokens the caller may see.", body = ErrorBody),
    )
)]
pub async fn list_tokens(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Vec<NamedTokenModel>>, ApiError> {
    let user = PathUser::find(&state, &session, &user).await?;
    let everyones = flag(parameters.include_all.as_deref())?;
    let user_id = user.id;
    let _ = session.decide(Action::Read, Resource::ApiKey { user_id })?;
    let pool = state.projections.pool();
    if everyones {
        let _ = session.decide(Action::Read, Resource::EveryApiKey)?;
        let tokens = api_key::list_every_token(pool).await?;
        let tokens = tokens.into_iter().map(|token| NamedTokenModel {
            key: token.key.into(),
            username: token.username,
        });
        return Ok(Json(tokens.collect()));
    }
    let keys = api_key::list(pool, user_id).await?;
    let tokens = keys
        .into_iter()
        .filter(|key| key.origin == Origin::Token.as_str())
        .map(|key| NamedTokenModel {
            key: key.into(),
            username: user.username.clone(),
        });
    Ok(Json(tokens.collect()))
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
