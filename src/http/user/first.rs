//! `/api/v2/users/first`: the user that owns the deployment, made once.

use axum::extract::State;
use axum::http::StatusCode;
use chancery_aggregates::deployment::{self, Command as DeploymentCommand, Deployment};
use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::organization_member::{
    self, Command as MemberCommand, OrganizationMember,
};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Command as UserCommand, Status, User};
use chancery_projections::ProjectionName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::logout::Message;
use crate::http::json::null_as_default;
use crate::http::{Actor, ApiError, AppState, ErrorBody, Json, RequestFacts, Validation};
use crate::password_strength;
use crate::policy::{self, PublicOperation, Role};
use crate::secret::Secret;

/// The user to be made. Other fields (`trial`, `trial_info`) are accepted and mean nothing here.
#[derive(Debug, Default, Deserialize, ToSchema)]
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
    /// The password: 8 characters or more, not one character repeated, not one of the commonest.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreateFirstUserResponse {
    user_id: Uuid,
    organization_id: Uuid,
}

/// Whether the first user has been made.
#[utoipa::path(
    get,
    path = "/api/v2/users/first",
    tag = "Users",
    security(()),
    responses((status = 200, body = Message), (status = 404, body = ErrorBody))
)]
pub async fn get_first_user(State(state): State<AppState>) -> Result<Json<Message>, ApiError> {
    if state.has_first_user().await? {
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
    tag = "Users",
    security(()),
    request_body = CreateFirstUserRequest,
    responses(
        (status = 201, body = CreateFirstUserResponse),
        (status = 400, body = ErrorBody),
        (status = 409, body = ErrorBody),
    )
)]
pub async fn create_first_user(
    State(state): State<AppState>,
    facts: RequestFacts,
    Json(request): Json<CreateFirstUserRequest>,
) -> Result<(StatusCode, Json<CreateFirstUserResponse>), ApiError> {
    let user_id = create(&state, &facts, request).await?;
    Ok((
        StatusCode::CREATED,
        Json(CreateFirstUserResponse {
            user_id,
            organization_id: state.default_organization_id,
        }),
    ))
}

struct Checked {
    email: Email,
    username: Name,
    name: RealName,
}

fn check(request: &CreateFirstUserRequest) -> Result<Checked, ApiError> {
    let email = Email::parse(&request.email);
    let username = Name::username(&request.username);
    let name = RealName::parse(&request.name);
    let mut validations: Vec<Validation> = [
        ("email", email.as_ref().err()),
        ("username", username.as_ref().err()),
        ("name", name.as_ref().err()),
    ]
    .into_iter()
    .filter_map(|(field, invalid)| Some(Validation::invalid(field, invalid?)))
    .collect();
    if request.password.expose().is_empty() {
        let missing = "Validation failed for tag \"required\" with value: \"\"";
        validations.push(Validation::new("password", missing));
    }
    match (email, username, name) {
        (Ok(email), Ok(username), Ok(name)) if validations.is_empty() => Ok(Checked {
            email,
            username,
            name,
        }),
        _ => Err(ApiError::validation_failed(validations)),
    }
}

fn exists() -> ApiError {
    ApiError::conflict("The initial user has already been created.")
}

/// Makes the first user, its membership and the claim on the deployment in one append.
pub async fn create(
    state: &AppState,
    facts: &RequestFacts,
    request: CreateFirstUserRequest,
) -> Result<Uuid, ApiError> {
    // Before anything costly: once the deployment is owned this endpoint only says so.
    if state.has_first_user().await? {
        return Err(exists());
    }
    let checked = check(&request)?;
    password_strength::check_password(request.password.expose()).map_err(|weak| {
        ApiError::bad_request("Password not strong enough!")
            .with_validations(vec![Validation::new("password", weak.to_string())])
    })?;
    let hashed = state
        .passwords
        .hash(request.password)
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let hashed = PasswordHash::from_phc(hashed).map_err(|error| ApiError::internal(&error))?;
    record(state, facts, checked, hashed).await
}

async fn record(
    state: &AppState,
    facts: &RequestFacts,
    checked: Checked,
    hashed: PasswordHash,
) -> Result<Uuid, ApiError> {
    let user_id = state.randomness.uuid();
    let organization_id = state.default_organization_id;
    let context = facts.command(state, &Actor::user(user_id, checked.username.as_str()));
    let permit = policy::public(PublicOperation::FirstUser);
    let mut unit = state.commands(&permit).unit_of_work(&context);
    unit.execute::<Deployment>(
        deployment::STREAM_ID,
        DeploymentCommand::ClaimFirstUser { user_id },
    )
    .await
    .map_err(|error| {
        ApiError::of_execute(error, |refused| match refused {
            deployment::Error::FirstUserExists => exists(),
            refused => ApiError::internal(&refused),
        })
    })?;
    unit.execute::<User>(
        &user_id.to_string(),
        UserCommand::CreateUser {
            username: checked.username,
            email: checked.email,
            name: checked.name,
            login_type: LoginType::Password,
            status: Status::Active,
            roles: vec![Role::Owner.name().to_owned()],
            hashed_password: Some(hashed),
        },
    )
    .await
    .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    unit.execute::<OrganizationMember>(
        &organization_member::stream_id(organization_id, user_id),
        MemberCommand::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        },
    )
    .await
    .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    // Someone else's claim came in between.
    let position = unit.commit().await.map_err(|error| match error {
        chancery_ledger::AppendError::Conflict => exists(),
        error => ApiError::of_append(&error),
    })?;
    state.wait_for(ProjectionName::USER, position).await?;
    state
        .wait_for(ProjectionName::ORGANIZATION, position)
        .await?;
    Ok(user_id)
}
