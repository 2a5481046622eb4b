//! Licences (contract licences 3).

mod create;
mod delete;
mod list;

use chancery_operations::license::License;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::base::AppState;

/// The routes under `/api/v2/licenses`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_licenses, create::create_license))
        .routes(routes!(delete::delete_license))
}

/// A licence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = License)]
struct LicenseModel {
    /// Its number, from 1 on.
    id: i64,
    /// The `jti` that it was signed with, or else an id made for it.
    uuid: Uuid,
    /// When it was added.
    uploaded_at: DateTime<Utc>,
    /// What it says, as it was signed.
    #[schema(value_type = Object)]
    claims: Value,
}

impl From<License> for LicenseModel {
    fn from(license: License) -> Self {
        Self {
            id: license.id.parse().unwrap_or_default(),
            uuid: license.thing.uuid,
            uploaded_at: license.created_at,
            claims: license.thing.jwt.claims(),
        }
    }
}
