//! Organizations (contract core 5).

mod create;
mod delete;
mod get;
mod list;
mod model;
mod path;
mod update;

use chancery_aggregates::organization::Error;
use chancery_projections::organization::{self, OrganizationRef};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use model::OrganizationModel;
pub use path::{PathOrganization, decide};

use super::{ApiError, AppState, Json, Validation};

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

/// The organization as it is now.
async fn read(state: &AppState, id: Uuid) -> Result<Json<OrganizationModel>, ApiError> {
    organization::find(state.projections.pool(), OrganizationRef::Id(id))
        .await?
        .map(|organization| Json(organization.into()))
        .ok_or_else(ApiError::not_found)
}

fn name_taken() -> ApiError {
    let detail = "This value is already in use and should be unique.";
    ApiError::conflict("Organization already exists with that name.")
        .with_validations(vec![Validation::new("name", detail)])
}

/// How the domain's refusals are answered.
fn refused(error: Error) -> ApiError {
    let text = error.to_string();
    match error {
        Error::NotFound => ApiError::not_found(),
        Error::NameReserved { name: _ } => {
            let reserved = Validation::new("name", text.clone());
            ApiError::bad_request(text).with_validations(vec![reserved])
        }
        Error::DefaultNotDeletable => ApiError::bad_request(text),
        error @ Error::AlreadyExists => ApiError::internal(&error),
    }
}
