//! Synchronisation with an identity provider: its settings (docs/contract/idpsync.md 2 and 3).

mod group;
mod mapping;
mod organization;
mod path;
mod role;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes of the settings of organizations, groups and roles.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            organization::get_organization_sync,
            organization::update_organization_sync
        ))
        .routes(routes!(organization::update_organization_sync_config))
        .routes(routes!(organization::update_organization_sync_mapping))
        .routes(routes!(group::get_group_sync, group::update_group_sync))
        .routes(routes!(group::update_group_sync_config))
        .routes(routes!(group::update_group_sync_mapping))
        .routes(routes!(role::get_role_sync, role::update_role_sync))
        .routes(routes!(role::update_role_sync_config))
        .routes(routes!(role::update_role_sync_mapping))
}
