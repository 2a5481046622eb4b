//! The audit trail (docs/contract/core.md 7).

mod list;
mod model;
mod status;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::AppState;

/// The routes of the audit trail.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list_audit_logs))
}
