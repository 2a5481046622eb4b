//! `/api/v2/users/first`: the user that owns the deployment, made once.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_operations::deployment;
use chancery_operations::secret::Secret;
use chancery_operations::user::{self, NewFirstUser};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::base::json::null_as_default;
use crate::http::base::message::Message;
use crate::http::base::{ApiError, AppState, ErrorBody, Json, NotSignedIn, OwnJson};

/// The user to be made. Other fields (`trial`, `trial_info`) are accepted and mean nothing here.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CreateFirstUserRequest {
    /// The e-mail address, with which the user signs in.
    #[serde(default, deserialize_with = "null_as_default")]
    pub email: String,
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    pub username: String,
    /// The person's name; may be left out.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// The password: 8 characters or more, and not easily guessed.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
    /// The code that the server prints when it starts; needed from elsewhere than the server's own machine.
    #[serde(default, deserialize_with = "null_as_default")]
    pub setup_code: String,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreateFirstUserResponse {
    user_id: UserId,
    organization_id: OrganizationId,
}

/// Whether the first user has been made.
#[utoipa::path(
    get,
    path = "/api/v2/users/first",
    security(()),
    responses((status = 200, body = Message), (status = 404, body = ErrorBody))
)]
pub async fn get_first_user(State(state): State<AppState>) -> Result<Json<Message>, ApiError> {
    if deployment::has_first_user(&state.services).await? {
        Ok(Json(Message::new(
            "The initial user has already been created!",
        )))
    } else {
        Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "The initial user has not been created!",
        ))
    }
}

/// Makes the first user: owner of the deployment, member of the default organization.
#[utoipa::path(
    post,
    path = "/api/v2/users/first",
    security(()),
    request_body = CreateFirstUserRequest,
    responses(
        (status = 201, body = CreateFirstUserResponse),
        (status = 400, body = ErrorBody),
        (status = 403, description = "Another site's page sent it, or the setup code is missing or wrong.", body = ErrorBody),
        (status = 409, body = ErrorBody),
    )
)]
pub async fn create_first_user(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    headers: HeaderMap,
    OwnJson(request): OwnJson<CreateFirstUserRequest>,
) -> Result<(StatusCode, Json<CreateFirstUserResponse>), ApiError> {
    let client = guest.facts().client_address;
    state
        .setup_code
        .check(&headers, client, &request.setup_code)?;
    let user_id = user::create_first(&guest, request.into()).await?;
    let organization_id = state.services.deployment().default_organization_id;
    Ok((
        StatusCode::CREATED,
        Json(CreateFirstUserResponse {
            user_id,
            organization_id,
        }),
    ))
}

impl From<CreateFirstUserRequest> for NewFirstUser {
    fn from(request: CreateFirstUserRequest) -> Self {
        Self {
            email: request.email,
            username: request.username,
            name: request.name,
            password: request.password,
        }
    }
}
