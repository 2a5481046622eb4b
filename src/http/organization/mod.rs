//! Organizations (docs/contract/core.md 5).

mod create;
mod delete;
mod get;
mod list;
mod model;
mod path;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use model::OrganizationModel;
pub use path::OrganizationPath;

use super::base::AppState;

/// The routes under `/api/v2/organizations` that concern organizations themselves.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(
            list::list_organizations,
            create::create_organization
        ))
        .routes(routes!(
            get::get_organization,
            update::update_organization,
            delete::delete_organization
        ))
        .routes(routes!(list::list_organizations_of_user))
        .routes(routes!(get::get_organization_of_user))
}
