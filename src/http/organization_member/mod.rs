//! Members of organizations and their roles (contract core 5).

mod add;
mod assignable_roles;
mod leave;
mod list;
mod model;
mod remove;
mod roles;

use chancery_projections::organization::{self, Member};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use leave::{leave_groups, leave_organization};

use super::{ApiError, AppState};

/// How often a unit is decided anew when one of its streams changed in between.
const ATTEMPTS: u32 = 5;

/// The routes under `/api/v2/organizations/{organization}` that concern members.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_members))
        .routes(routes!(list::list_paginated_members))
        .routes(routes!(assignable_roles::list_organization_roles))
        .routes(routes!(add::add_member, remove::remove_member))
        .routes(routes!(roles::update_member_roles))
}

/// The member as it is now; 404 for users who are none.
async fn find(state: &AppState, organization_id: Uuid, user_id: Uuid) -> Result<Member, ApiError> {
    organization::find_member(state.projections.pool(), organization_id, user_id)
        .await?
        .ok_or_else(ApiError::not_found)
}
