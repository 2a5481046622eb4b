//! Groups of organizations (contract groups).

mod create;
mod delete;
mod get;
mod list;
mod members;
mod model;
mod path;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes under `/api/v2/groups` and `/api/v2/organizations/{organization}/groups`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_groups))
        .routes(routes!(
            get::get_group,
            update::update_group,
            delete::delete_group
        ))
        .routes(routes!(
            list::list_groups_of_organization,
            create::create_group
        ))
        .routes(routes!(get::get_group_by_name))
        .routes(routes!(members::list_group_members))
        .routes(routes!(members::list_group_members_by_name))
}
