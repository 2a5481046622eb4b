//! `POST /api/v2/organizations/{organization}/groups`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::group::{Command, Error, Group, QuotaAllowance, Source};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;
use chancery_ledger::ExecuteError;
use chancery_projections::ProjectionName;
use chancery_projections::group::GroupRef;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::GroupModel;
use super::path::PathGroup;
use crate::http::json::null_as_default;
use crate::http::organization::{PathOrganization, decide};
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, OrganizationPart};

/// The group to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateGroupRequest {
    /// The name, unique in the organization: 1 to 36 letters and digits, with single hyphens between.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people.
    #[serde(default, deserialize_with = "null_as_default")]
    display_name: String,
    /// The URL or path of an image.
    #[serde(default, deserialize_with = "null_as_default")]
    avatar_url: String,
    /// How many credits each member may spend.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    quota_allowance: i64,
}

/// Makes a group without members.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/groups",
    tag = "Enterprise",
    params(("organization" = String, Path, description = "Organization id, name, or default")),
    request_body = CreateGroupRequest,
    responses(
        (status = 201, description = "The new group.", body = GroupModel),
        (status = 400, description = "A field is invalid, or the name is reserved.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not create groups.", body = ErrorBody),
        (status = 404, description = "No such organization, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    )
)]
pub async fn create_group(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(organization): Path<String>,
    Json(request): Json<CreateGroupRequest>,
) -> Result<(StatusCode, Json<GroupModel>), ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let permit = decide(
        &session,
        Action::Create,
        organization_id,
        OrganizationPart::Groups,
    )?;
    let command = check(&request, organization_id)?;
    let id = state.randomness.uuid();
    let created = state
        .commands(&permit)
        .execute_new::<Group>(
            &id.to_string(),
            command,
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| match error {
            ExecuteError::KeyTaken { .. } => taken(&request.name),
            error => ApiError::of_execute(error, |refused| match refused {
                Error::NameReserved => reserved(),
                refused => ApiError::internal(&refused),
            }),
        })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, created.position)
        .await?;
    let group = PathGroup::find(&state, &session, GroupRef::Id(id)).await?;
    Ok((
        StatusCode::CREATED,
        Json(group.model(&state, &session).await?),
    ))
}

fn check(request: &CreateGroupRequest, organization_id: Uuid) -> Result<Command, ApiError> {
    let name = Name::group(&request.name);
    let display_name = DisplayName::group(&request.display_name);
    let avatar_url = FreeText::parse(&request.avatar_url);
    let quota_allowance = QuotaAllowance::new(request.quota_allowance);
    let validations = Validation::all([
        ("name", name.as_ref().err()),
        ("display_name", display_name.as_ref().err()),
        ("avatar_url", avatar_url.as_ref().err()),
        ("quota_allowance", quota_allowance.as_ref().err()),
    ]);
    match (name, display_name, avatar_url, quota_allowance) {
        (Ok(name), Ok(display_name), Ok(avatar_url), Ok(quota_allowance)) => {
            Ok(Command::CreateGroup {
                organization_id,
                name,
                display_name,
                avatar_url,
                quota_allowance,
                source: Source::User,
            })
        }
        _ => Err(ApiError::validation_failed(validations)),
    }
}

fn reserved() -> ApiError {
    ApiError::bad_request("Invalid group name.").with_validations(vec![Validation::new(
        "name",
        Error::NameReserved.to_string(),
    )])
}

fn taken(name: &str) -> ApiError {
    ApiError::conflict(format!("A group named \"{name}\" already exists."))
        .with_validations(vec![Validation::new("name", "Group names must be unique")])
}
