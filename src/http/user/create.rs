//! `POST /api/v2/users`.

use axum::extract::State;
use axum::http::StatusCode;
use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::organization_member::{
    self, Command as MemberCommand, OrganizationMember,
};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Command as UserCommand, Status, User, email_key};
use chancery_ledger::AppendError;
use chancery_projections::ProjectionName;
use chancery_projections::organization::{self, OrganizationRef};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{UserModel, changed};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::password_strength;
use crate::policy::{Action, Permit, Resource};
use crate::secret::Secret;

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
    organization_ids: Vec<Uuid>,
}

/// Makes a user and its memberships, all or nothing.
#[utoipa::path(
    post,
    path = "/api/v2/users",
    tag = "Users",
    request_body = CreateUserRequest,
    responses(
        (status = 201, description = "The new user.", body = UserModel),
        (status = 400, description = "A field is invalid.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not create users.", body = ErrorBody),
        (status = 404, description = "An organization does not exist.", body = ErrorBody),
        (status = 409, description = "The user name or e-mail address is taken.", body = ErrorBody),
    )
)]
pub async fn create_user(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Json(request): Json<CreateUserRequest>,
) -> Result<(StatusCode, Json<UserModel>), ApiError> {
    let permit = session
        .decide(Action::Create, Resource::Users)
        .map_err(|error| error.with_message("You are not authorized to create users."))?;
    let mut organization_ids = request.organization_ids.clone();
    organization_ids.sort_unstable();
    organization_ids.dedup();
    let checked = check(request, &organization_ids)?;
    check_organizations(&state, &organization_ids).await?;
    let user_id = state.randomness.uuid();
    let command = checked.into_command(&state).await?;
    record(
        &state,
        &session,
        &facts,
        &permit,
        user_id,
        command,
        organization_ids,
    )
    .await?;
    Ok((
        StatusCode::CREATED,
        Json(changed::read(&state, user_id).await?),
    ))
}

struct Checked {
    email: Email,
    username: Name,
    name: RealName,
    login_type: LoginType,
    status: Status,
    password: Option<Secret>,
}

fn check(request: CreateUserRequest, organization_ids: &[Uuid]) -> Result<Checked, ApiError> {
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
    let status = match request.user_status.as_str() {
        "" => Some(Status::Dormant),
        text => Status::from_name(text),
    };
    if status.is_none() {
        let value = &request.user_status;
        let detail = format!("Validation failed for tag \"oneof\" with value: \"{value}\"");
        validations.push(Validation::new("user_status", detail));
    }
    let (Ok(email), Ok(username), Ok(name), Some(status), true) =
        (email, username, name, status, validations.is_empty())
    else {
        return Err(ApiError::validation_failed(validations));
    };
    if organization_ids.is_empty() {
        let text = "No organizations specified. At least one organization is required.";
        let missing = Validation::new("organization_ids", "At least one organization is required.");
        return Err(ApiError::bad_request(text).with_validations(vec![missing]));
    }
    let login_type = match request.login_type.as_str() {
        "" if request.disable_login => LoginType::None.as_str(),
        named => named,
    };
    if request.disable_login && login_type != LoginType::None.as_str() {
        let text = format!("Login cannot be disabled for login type \"{login_type}\".");
        let invalid = Validation::new("disable_login", text.clone());
        return Err(ApiError::bad_request(text).with_validations(vec![invalid]));
    }
    let (login_type, password) = check_login(login_type, request.password)?;
    Ok(Checked {
        email,
        username,
        name,
        login_type,
        status,
        password,
    })
}

/// The login type and what goes with it (contract core 4).
fn check_login(
    login_type: &str,
    password: Secret,
) -> Result<(LoginType, Option<Secret>), ApiError> {
    let refuse = |message: String| {
        let detail = message.clone();
        ApiError::bad_request(message).with_validations(vec![Validation::new("login_type", detail)])
    };
    let known = match login_type {
        "" => Some(LoginType::Password),
        text => LoginType::from_name(text),
    };
    match known {
        Some(LoginType::Password) => {
            password_strength::check_password(password.expose()).map_err(|weak| {
                ApiError::bad_request("Password not strong enough!")
                    .with_validations(vec![Validation::new("password", weak.to_string())])
            })?;
            Ok((LoginType::Password, Some(password)))
        }
        Some(other) if !password.expose().is_empty() => {
            let text = format!(
                "Password cannot be set for non-password (\"{}\") authentication.",
                other.as_str()
            );
            let invalid = Validation::new("password", text.clone());
            Err(ApiError::bad_request(text).with_validations(vec![invalid]))
        }
        Some(LoginType::None) => Ok((LoginType::None, None)),
        Some(LoginType::Oidc) => Err(refuse(
            "You must configure OIDC before creating OIDC users.".to_owned(),
        )),
        Some(LoginType::Github) => Err(refuse(
            "You must configure GitHub before creating GitHub users.".to_owned(),
        )),
        Some(LoginType::Token | LoginType::OAuth2ProviderApp) | None => Err(refuse(format!(
            "Unsupported login type \"{login_type}\" for manually creating new users."
        ))),
    }
}

impl Checked {
    async fn into_command(self, state: &AppState) -> Result<UserCommand, ApiError> {
        let hashed_password = match self.password {
            Some(password) => {
                let hashed = state.passwords.hash(password).await;
                let hashed = hashed.map_err(|error| ApiError::internal(&error))?;
                let hashed = PasswordHash::from_phc(hashed);
                Some(hashed.map_err(|error| ApiError::internal(&error))?)
            }
            None => None,
        };
        Ok(UserCommand::CreateUser {
            username: self.username,
            email: self.email,
            name: self.name,
            login_type: self.login_type,
            status: self.status,
            roles: Vec::new(),
            hashed_password,
        })
    }
}

async fn check_organizations(state: &AppState, ids: &[Uuid]) -> Result<(), ApiError> {
    for id in ids {
        let found = organization::find(state.projections.pool(), OrganizationRef::Id(*id)).await?;
        if found.is_none() {
            let text = format!("Organization does not exist with the provided id \"{id}\".");
            let unknown = Validation::new("organization_ids", text.clone());
            return Err(ApiError::new(StatusCode::NOT_FOUND, text).with_validations(vec![unknown]));
        }
    }
    Ok(())
}

async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    user_id: Uuid,
    command: UserCommand,
    organization_ids: Vec<Uuid>,
) -> Result<(), ApiError> {
    let context = facts.command(state, &session.actor());
    let mut unit = state.commands(permit).unit_of_work(&context);
    unit.execute_new::<User>(&user_id.to_string(), command)
        .await
        .map_err(|error| ApiError::of_execute(error, changed::refused))?;
    for organization_id in organization_ids {
        let command = MemberCommand::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        };
        unit.execute_new::<OrganizationMember>(
            &organization_member::stream_id(organization_id, user_id),
            command,
        )
        .await
        .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    }
    let position = unit.commit().await.map_err(|error| match error {
        AppendError::KeyTaken { key } => taken(&key),
        error => ApiError::of_append(&error),
    })?;
    state.wait_for(ProjectionName::USER, position).await?;
    state.wait_for(ProjectionName::ORGANIZATION, position).await
}

fn taken(key: &str) -> ApiError {
    let field = if key.starts_with(&email_key("")) {
        "email"
    } else {
        "username"
    };
    let detail = "This value is already in use and should be unique.";
    ApiError::conflict("User already exists.")
        .with_validations(vec![Validation::new(field, detail)])
}
