//! `PATCH /api/v2/organizations/{organization}`.

use axum::extract::{Path, State};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::organization::{Command, Organization};
use chancery_aggregates::text::FreeText;
use chancery_ledger::ExecuteError;
use chancery_projections::ProjectionName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{OrganizationModel, PathOrganization, decide, name_taken, read, refused};
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, OrganizationPart};

/// What is to change. What is left out, or null, stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateOrganizationRequest {
    /// The unique name; stays when `""`.
    #[serde(default)]
    name: Option<String>,
    /// The name shown to people.
    #[serde(default)]
    display_name: Option<String>,
    /// Free text.
    #[serde(default)]
    description: Option<String>,
    /// The URL or path of an image.
    #[serde(default)]
    icon: Option<String>,
}

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/api/v2/organizations/{organization}",
    tag = "Organizations",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = UpdateOrganizationRequest,
    responses(
        (status = 200, description = "The organization.", body = OrganizationModel),
        (status = 400, description = "A field is invalid, or the name is reserved.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not change this organization.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    )
)]
pub async fn update_organization(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(organization): Path<String>,
    Json(request): Json<UpdateOrganizationRequest>,
) -> Result<Json<OrganizationModel>, ApiError> {
    let id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let permit = decide(&session, Action::Update, id, OrganizationPart::Profile)?;
    let command = check(&request)?;
    let executed = state
        .commands(&permit)
        .execute::<Organization>(
            &id.to_string(),
            command,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| match error {
            ExecuteError::KeyTaken { .. } => name_taken(),
            error => ApiError::of_execute(error, refused),
        })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, executed.position)
        .await?;
    read(&state, id).await
}

fn check(request: &UpdateOrganizationRequest) -> Result<Command, ApiError> {
    let name = request.name.as_deref().filter(|name| !name.is_empty());
    let name = name.map(Name::organization).transpose();
    let display_name = request
        .display_name
        .as_deref()
        .map(DisplayName::parse)
        .transpose();
    let description = request
        .description
        .as_deref()
        .map(FreeText::parse)
        .transpose();
    let icon = request.icon.as_deref().map(FreeText::parse).transpose();
    let validations = Validation::all([
        ("name", name.as_ref().err()),
        ("display_name", display_name.as_ref().err()),
        ("description", description.as_ref().err()),
        ("icon", icon.as_ref().err()),
    ]);
    match (name, display_name, description, icon) {
        (Ok(name), Ok(display_name), Ok(description), Ok(icon)) => {
            Ok(Command::UpdateOrganization {
                name,
                display_name,
                description,
                icon,
            })
        }
        _ => Err(ApiError::validation_failed(validations)),
    }
}
