//! `PATCH /api/v2/groups/{group}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::group::{Command, Error, Group, QuotaAllowance, UpdateGroup};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;
use chancery_ledger::ExecuteError;
use chancery_projections::group::{self, GroupRef};
use chancery_projections::{ProjectionName, organization};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::GroupModel;
use super::path::PathGroup;
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::Action;

/// What is to change. What is left out, or null, stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PatchGroupRequest {
    /// Who becomes a member: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    add_users: Vec<String>,
    /// Who is no member any more: user ids, or names of members of the organization.
    #[serde(default, deserialize_with = "null_as_default")]
    remove_users: Vec<String>,
    /// The name, unique in the organization; stays when `""`.
    #[serde(default, deserialize_with = "null_as_default")]
    name: String,
    /// The name shown to people.
    #[serde(default)]
    display_name: Option<String>,
    /// The URL or path of an image.
    #[serde(default)]
    avatar_url: Option<String>,
    /// How many credits each member may spend.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    quota_allowance: Option<i64>,
}

/// Changes a group and its members, wholly or not at all. Of the group of everyone, only the quota allowance and the image.
#[utoipa::path(
    patch,
    path = "/api/v2/groups/{group}",
    tag = "Enterprise",
    params(("group" = Uuid, Path, description = "Group id")),
    request_body = PatchGroupRequest,
    responses(
        (status = 200, description = "The group.", body = GroupModel),
        (status = 400, description = "A field is invalid, or names a user who cannot be added or removed.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not change this group, or nobody may change its members.", body = ErrorBody),
        (status = 404, description = "No such group, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    )
)]
pub async fn update_group(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(group): Path<String>,
    Json(request): Json<PatchGroupRequest>,
) -> Result<Json<GroupModel>, ApiError> {
    let found = PathGroup::by_id(&state, &session, &group).await?;
    let permit = found.permit(&session, Action::Update)?;
    let present = &found.group;
    let mut update = check(&request)?;
    let names_users = !(request.add_users.is_empty() && request.remove_users.is_empty());
    update
        .check(present.is_everyone(), &present.name, names_users)
        .map_err(refused)?;
    update.add = users(&state, present, &request.add_users).await?;
    update.remove = users(&state, present, &request.remove_users)
        .await?
        .into_iter()
        .collect();
    check_name_is_free(&state, present, update.name.as_ref()).await?;
    let updated = state
        .commands(&permit)
        .execute::<Group>(
            &present.id.to_string(),
            Command::UpdateGroup(update),
            &facts.command(&state, &session.actor()),
        )
        .await
        .map_err(|error| match error {
            ExecuteError::KeyTaken { .. } => taken(&request.name),
            error => ApiError::of_execute(error, refused),
        })?;
    state
        .wait_for(ProjectionName::ORGANIZATION, updated.position)
        .await?;
    let group = PathGroup::find(&state, &session, GroupRef::Id(present.id)).await?;
    Ok(Json(group.model(&state, &session).await?))
}

/// The settings to change, without the members.
fn check(request: &PatchGroupRequest) -> Result<UpdateGroup, ApiError> {
    let name = Some(request.name.as_str()).filter(|name| !name.is_empty());
    let name = name.map(Name::group).transpose();
    let display_name = request
        .display_name
        .as_deref()
        .map(DisplayName::group)
        .transpose();
    let avatar_url = request
        .avatar_url
        .as_deref()
        .map(FreeText::parse)
        .transpose();
    let quota_allowance = request.quota_allowance.map(QuotaAllowance::new).transpose();
    let validations = Validation::all([
        ("name", name.as_ref().err()),
        ("display_name", display_name.as_ref().err()),
        ("avatar_url", avatar_url.as_ref().err()),
        ("quota_allowance", quota_allowance.as_ref().err()),
    ]);
    match (name, display_name, avatar_url, quota_allowance) {
        (Ok(name), Ok(display_name), Ok(avatar_url), Ok(quota_allowance)) => Ok(UpdateGroup {
            name,
            display_name,
            avatar_url,
            quota_allowance,
            ..UpdateGroup::default()
        }),
        _ => Err(ApiError::validation_failed(validations)),
    }
}

/// The members of the organization that are named by id or by name. One who is none refuses all (contract groups 5).
async fn users(
    state: &AppState,
    group: &group::Group,
    texts: &[String],
) -> Result<Vec<Uuid>, ApiError> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let pool = state.projections.pool();
    let parsed: Vec<Option<Uuid>> = texts
        .iter()
        .map(|text| Uuid::try_parse(text).ok())
        .collect();
    let unparsed = texts.iter().zip(&parsed).filter(|(_, id)| id.is_none());
    let names: Vec<String> = unparsed.map(|(text, _)| text.clone()).collect();
    let by_name = if names.is_empty() {
        std::collections::HashMap::new()
    } else {
        organization::find_member_names(pool, group.organization_id, &names).await?
    };
    let ids = texts
        .iter()
        .zip(parsed)
        .map(|(text, id)| {
            id.or_else(|| by_name.get(&text.to_lowercase()).copied())
                .ok_or_else(|| not_a_user(text))
        })
        .collect::<Result<Vec<Uuid>, ApiError>>()?;
    let members = organization::find_member_ids(pool, group.organization_id, &ids).await?;
    if ids.iter().all(|id| members.contains(id)) {
        Ok(ids)
    } else {
        let name = &group.name;
        let text = format!("User must be a member of organization \"{name}\"");
        Err(ApiError::bad_request(text))
    }
}

fn not_a_user(text: &str) -> ApiError {
    ApiError::bad_request(format!("ID \"{text}\" must be a valid user UUID."))
        .with_detail("Neither is it the user name of a member of the organization.")
}

/// A taken name comes before what the group's stream refuses. Two who rename at once get past this: the ledger refuses one.
async fn check_name_is_free(
    state: &AppState,
    present: &group::Group,
    name: Option<&Name>,
) -> Result<(), ApiError> {
    let Some(name) = name else {
        return Ok(());
    };
    let reference = GroupRef::Name(present.organization_id, name.as_str());
    match group::find(state.projections.pool(), reference).await? {
        Some(other) if other.id != present.id => Err(taken(name.as_str())),
        _ => Ok(()),
    }
}

fn taken(name: &str) -> ApiError {
    ApiError::conflict(format!("A group with name \"{name}\" already exists."))
        .with_validations(vec![Validation::new("name", "Group names must be unique")])
}

/// How the domain's refusals are answered.
fn refused(error: Error) -> ApiError {
    match error {
        Error::NotFound => ApiError::not_found(),
        Error::NameReserved => ApiError::bad_request(format!("{error}!")),
        Error::EveryoneMembers => ApiError::new(StatusCode::FORBIDDEN, error.to_string()),
        Error::EveryoneName | Error::EveryoneDisplayName | Error::AlreadyMember => {
            ApiError::bad_request(error.to_string())
        }
        Error::AlreadyExists | Error::EveryoneNotDeletable => ApiError::internal(&error),
    }
}
