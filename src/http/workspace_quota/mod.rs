//! What users may spend on workspaces (quota contract, section 2). Chancery has no workspaces: nothing is ever spent, and
//! the budget is for the systems that have them.

use chancery_operations::workspace_quota;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::{ApiError, AppState, Json, ReadRefusal, SignedIn};
use super::organization::OrganizationPath;
use super::user::UserPath;

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
    responses(
        (status = 200, description = "The quota.", body = WorkspaceQuota),
        ReadRefusal,
    )
)]
async fn get_workspace_quota(
    SignedIn(caller): SignedIn,
    OrganizationPath(organization): OrganizationPath,
    UserPath(user): UserPath,
) -> Result<Json<WorkspaceQuota>, ApiError> {
    let budget = workspace_quota::of_member(&caller, &organization, &user).await?;
    Ok(Json(WorkspaceQuota::new(budget)))
}

/// What a user may spend in the default organization. `credits_consumed` is always 0, because Chancery has no workspaces.
#[utoipa::path(
    get,
    path = "/api/v2/workspace-quota/{user}",
    responses(
        (status = 200, description = "The quota.", body = WorkspaceQuota),
        ReadRefusal,
    )
)]
#[deprecated = "The quota of an organization's member says which organization."]
async fn get_default_workspace_quota(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
) -> Result<Json<WorkspaceQuota>, ApiError> {
    let budget = workspace_quota::of_user(&caller, &user).await?;
    Ok(Json(WorkspaceQuota::new(budget)))
}

impl WorkspaceQuota {
    fn new(budget: i64) -> Self {
        Self {
            credits_consumed: 0,
            budget,
        }
    }
}
