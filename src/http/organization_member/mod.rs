//! Members of organizations and their roles (docs/contract/core.md 5).

mod add;
mod assignable_roles;
mod list;
mod model;
mod remove;
mod roles;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes under `/api/v2/organizations/{organization}` that concern members.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_members))
        .routes(routes!(list::list_paginated_members))
        .routes(routes!(assignable_roles::list_organization_roles))
        .routes(routes!(add::add_member, remove::remove_member))
        .routes(routes!(roles::update_member_roles))
}
