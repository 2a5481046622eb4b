//! Provisioner daemons (`docs/contract/provisioners.md` 3 and 4): where they come in, and who is there.

mod list;
mod model;
mod serve;
mod service;
mod session;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use session::Sessions;

use super::base::AppState;

/// The routes of provisioner daemons.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_provisioner_daemons))
        .routes(routes!(list::list_provisioner_key_daemons))
        .routes(routes!(serve::serve_provisioner_daemon))
}
