//! `POST /api/v2/organizations`.

use axum::extract::State;
use axum::http::StatusCode;
use chancery_aggregates::group::{self, Group};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::{Command, Organization};
use chancery_aggregates::organization_member::{
    self, Command as MemberCommand, OrganizationMember,
};
use chancery_aggregates::text::FreeText;
use chancery_ledger::AppendError;
use chancery_projections::ProjectionName;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{OrganizationModel, name_taken, read, refused};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, Permit, Resource};

/// The organization to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateOrganizationRequest {
    /// The unique name: 1 to 32 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people; the name when left out.
    #[serde(default, deserialize_with = "null_as_default")]
    display_name: String,
    /// Free text.
    #[serde(default, deserialize_with = "null_as_default")]
    description: String,
    /// The URL or path of an image.
    #[serde(default, deserialize_with = "null_as_default")]
    icon: String,
}

/// Makes an organization with its group of everyone. The caller is its first member.
#[utoipa::path(
    post,
    path = "/api/v2/organizations",
    tag = "Organizations",
    request_body = CreateOrganizationRequest,
    responses(
        (status = 201, description = "The new organization.", body = OrganizationModel),
        (status = 400, description = "A field is invalid, or the name is reserved.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not create organizations.", body = ErrorBody),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    )
)]
pub async fn create_organization(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Json(request): Json<CreateOrganizationRequest>,
) -> Result<(StatusCode, Json<OrganizationModel>), ApiError> {
    let permit = session
        .decide(Action::Create, Resource::Organizations)
        .map_err(|error| error.with_message("You are not authorized to create organizations."))?;
    let command = check(&request)?;
    let id = record(&state, &session, &facts, &permit, command).await?;
    Ok((StatusCode::CREATED, read(&state, id).await?))
}

fn check(request: &CreateOrganizationRequest) -> Result<Command, ApiError> {
    let shown = match request.display_name.as_str() {
        "" => &request.name,
        display_name => display_name,
    };
    let name = Name::organization(&request.name);
    let display_name = DisplayName::parse(shown);
    let description = FreeText::parse(&request.description);
    let icon = FreeText::parse(&request.icon);
    let validations = [
        ("name", name.as_ref().err()),
        // A bad name is not a bad display name, too.
        (
            "display_name",
            display_name.as_ref().err().filter(|_| name.is_ok()),
        ),
        ("description", description.as_ref().err()),
        ("icon", icon.as_ref().err()),
    ];
    let validations = Validation::all(validations);
    match (name, display_name, description, icon) {
        (Ok(name), Ok(display_name), Ok(description), Ok(icon)) => {
            Ok(Command::CreateOrganization {
                name,
                display_name,
                description,
                icon,
                is_default: false,
            })
        }
        _ => Err(ApiError::validation_failed(validations)),
    }
}

async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    command: Command,
) -> Result<Uuid, ApiError> {
    let organization_id = state.randomness.uuid();
    let user_id = session.user_id();
    let context = facts.command(state, &session.actor());
    let mut unit = state.commands(permit).unit_of_work(&context);
    unit.execute_new::<Organization>(&organization_id.to_string(), command)
        .await
        .map_err(|error| ApiError::of_execute(error, refused))?;
    unit.execute_new::<Group>(
        &organization_id.to_string(),
        group::Command::CreateEveryoneGroup { organization_id },
    )
    .await
    .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    unit.execute_new::<OrganizationMember>(
        &organization_member::stream_id(organization_id, user_id),
        MemberCommand::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        },
    )
    .await
    .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    let position = unit.commit().await.map_err(|error| match error {
        AppendError::KeyTaken { .. } => name_taken(),
        error => ApiError::of_append(&error),
    })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, position)
        .await?;
    Ok(organization_id)
}
