//! Users and how they sign in.

mod assignable_roles;
mod authmethods;
mod create;
mod delete;
mod first;
mod get;
mod list;
mod login;
mod login_type;
mod logout;
mod model;
mod password;
mod path;
mod profile;
mod quiet_hours;
mod roles;
mod status;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use first::CreateFirstUserRequest;
pub use model::{RoleModel, UserModel};
pub use path::{UserPath, UserText};

use super::base::AppState;

/// The routes under `/api/v2/users` that concern users themselves.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(first::get_first_user, first::create_first_user))
        .routes(routes!(login::log_in))
        .routes(routes!(logout::log_out))
        .routes(routes!(authmethods::get_auth_methods))
        .routes(routes!(list::list_users, create::create_user))
        .routes(routes!(assignable_roles::list_site_roles))
        .routes(routes!(get::get_user, delete::delete_user))
        .routes(routes!(profile::update_profile))
        .routes(routes!(password::update_password))
        .routes(routes!(status::suspend_user))
        .routes(routes!(status::activate_user))
        .routes(routes!(roles::get_user_roles, roles::update_user_roles))
        .routes(routes!(login_type::get_login_type))
        .routes(routes!(
            quiet_hours::get_quiet_hours,
            quiet_hours::update_quiet_hours
        ))
}
