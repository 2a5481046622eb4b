//! Users and how they sign in.

mod authmethods;
pub mod first;
mod get;
pub mod login;
pub mod logout;
mod model;
mod path;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use model::{RoleModel, UserModel};
pub use path::PathUser;

use super::AppState;

/// The routes under `/api/v2/users` that concern users themselves.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(first::get_first_user, first::create_first_user))
        .routes(routes!(login::log_in))
        .routes(routes!(logout::log_out))
        .routes(routes!(authmethods::get_auth_methods))
        .routes(routes!(get::get_user))
}
