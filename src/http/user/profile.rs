//! `PUT /api/v2/users/{user}/profile`.

use axum::extract::{Path, State};
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::user::Command;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{PathUser, UserModel, changed};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, Resource};

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
    tag = "Users",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = UpdateUserProfileRequest,
    responses(
        (status = 200, description = "The user.", body = UserModel),
        (status = 400, description = "A field is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not change this user.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The user name is taken.", body = ErrorBody),
    )
)]
pub async fn update_profile(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
    Json(request): Json<UpdateUserProfileRequest>,
) -> Result<Json<UserModel>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Update, Resource::PersonalData { user_id })?;
    let username = Name::username(&request.username);
    let name = RealName::parse(&request.name);
    let command = match (username, name) {
        (Ok(username), Ok(name)) => Command::UpdateProfile { username, name },
        (username, name) => {
            let invalid = [("username", username.err()), ("name", name.err())];
            let validations = invalid
                .into_iter()
                .filter_map(|(field, invalid)| Some(Validation::invalid(field, &invalid?)))
                .collect();
            return Err(ApiError::validation_failed(validations));
        }
    };
    changed::change(&state, &session, &facts, &permit, user_id, command).await?;
    Ok(Json(changed::read(&state, user_id).await?))
}
