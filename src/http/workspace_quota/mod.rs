//! What users may spend on workspaces (quota contract, section 2). Chancery has no workspaces: nothing is ever spent, and
//! the budget is for the systems that have them.

use axum::extract::{Path, State};
use chancery_projections::{group, organization};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::organization::{PathOrganization, decide};
use super::user::PathUser;
use super::{ApiError, AppState, ErrorBody, Json, Session};
use crate::policy::{Action, OrganizationPart};

/// The routes of quotas.
#[expect(deprecated, reason = "a deprecated operation is served all the same")]
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_workspace_quota))
        .routes(routes!(get_default_workspace_quota))
}

/// What a user may spend, and has spent.
#[derive(Debug, Serialize, ToSchema)]
struct WorkspaceQuota {
    /// Always 0: Chancery has no workspaces, and so knows of nothing that was spent.
    #[schema(minimum = 0, maximum = 0)]
    credits_consumed: i64,
    /// The sum of the allowances of the user's groups in the organization, the group of everyone included.
    #[schema(minimum = 0)]
    budget: i64,
}

/// What a member may spend in an organization. `credits_consumed` is always 0, because Chancery has no workspaces.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/members/{user}/workspace-quota",
    tag = "Enterprise",
    params(
        ("organization" = String, Path, description = "Organization id, name, or default"),
        ("user" = String, Path, description = "User id, user name, or me"),
    ),
    responses(
        (status = 200, description = "The quota.", body = WorkspaceQuota),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such organization or user, none that the caller may see, or the user is no member.", body = ErrorBody),
    )
)]
async fn get_workspace_quota(
    State(state): State<AppState>,
    session: Session,
    Path((organization, user)): Path<(String, String)>,
) -> Result<Json<WorkspaceQuota>, ApiError> {
    let organization_id = PathOrganization::find(&state, &session, &organization)
        .await?
        .id;
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let part = OrganizationPart::WorkspaceQuota { user_id };
    let _ = decide(&session, Action::Read, organization_id, part)?;
    organization::find_member(state.projections.pool(), organization_id, user_id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    quota(&state, organization_id, user_id).await
}

/// What a user may spend in the default organization. `credits_consumed` is always 0, because Chancery has no workspaces.
#[utoipa::path(
    get,
    path = "/api/v2/workspace-quota/{user}",
    tag = "Enterprise",
    params(("user" = String, Path, description = "User id, user name, or me")),
    responses(
        (status = 200, description = "The quota.", body = WorkspaceQuota),
        (status = 400, description = "The path cannot be read.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The token is for something else.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
#[deprecated = "The quota of an organization's member says which organization."]
async fn get_default_workspace_quota(
    State(state): State<AppState>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Json<WorkspaceQuota>, ApiError> {
    let organization_id = state.default_organization_id;
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let part = OrganizationPart::WorkspaceQuota { user_id };
    let _ = decide(&session, Action::Read, organization_id, part)?;
    quota(&state, organization_id, user_id).await
}

async fn quota(
    state: &AppState,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<Json<WorkspaceQuota>, ApiError> {
    let budget = group::quota_budget(state.projections.pool(), organization_id, user_id).await?;
    Ok(Json(WorkspaceQuota {
        credits_consumed: 0,
        budget,
    }))
}
