//! `POST /api/v2/organizations/{organization}/members/{user}`.

use axum::extract::{Path, State};
use chancery_aggregates::organization_member::{self, Command, Error, OrganizationMember};
use chancery_aggregates::user::{Command as UserCommand, User};
use chancery_ledger::{AppendError, Position};
use chancery_projections::ProjectionName;
use uuid::Uuid;

use super::model::MemberModel;
use super::{ATTEMPTS, find, leave_groups};
use crate::http::organization::{PathOrganization, decide};
use crate::http::user::PathUser;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session};
use crate::policy::{Action, OrganizationPart, Permit};

/// Makes a user a member of an organization, without any role there.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/{organization}/members/{user}",
    tag = "Members",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("user" = String, Path, description = "User id, user name, or me"),
    ),
    responses(
        (status = 200, description = "The member.", body = MemberModel),
        (status = 400, description = "The user is a member already.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not add members.", body = ErrorBody),
        (status = 404, description = "No such organization or user, or none that the caller may see.", body = ErrorBody),
        (status = 409, description = "The membership is being changed by other requests.", body = ErrorBody),
    )
)]
pub async fn add_member(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path((organization, user)): Path<(String, String)>,
) -> Result<Json<MemberModel>, ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let permit = decide(
        &session,
        Action::Create,
        organization_id,
        OrganizationPart::Members,
    )?;
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let position = record(&state, &session, &facts, &permit, organization_id, user_id).await?;
    state
        .wait_for(ProjectionName::ORGANIZATION, position)
        .await?;
    Ok(Json(find(&state, organization_id, user_id).await?.into()))
}

async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<Option<Position>, ApiError> {
    let id = organization_member::stream_id(organization_id, user_id);
    let mut attempt = 1;
    loop {
        let context = facts.command(state, &session.actor());
        let mut unit = state.commands(permit).unit_of_work(&context);
        // A user who is deleted at the same moment makes the append fail, and is not found then.
        unit.execute::<User>(&user_id.to_string(), UserCommand::RequireUser)
            .await
            .map_err(|error| ApiError::of_execute(error, |_| ApiError::not_found()))?;
        // What was left over of an earlier membership is not to come back with this one.
        leave_groups(
            &mut unit,
            state.projections.pool(),
            organization_id,
            user_id,
        )
        .await?;
        let command = Command::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        };
        unit.execute::<OrganizationMember>(&id, command)
            .await
            .map_err(|error| {
                ApiError::of_execute(error, |refused| match refused {
                    Error::AlreadyMember => ApiError::bad_request(refused.to_string()),
                    Error::NotMember => ApiError::internal(&refused),
                })
            })?;
        match unit.commit().await {
            Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome.map_err(|error| ApiError::of_append(&error)),
        }
    }
}
