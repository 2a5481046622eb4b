//! SCIM 2.0 as the deployment's key speaks it (docs/contract/scim.md 1 and 2): enough for an identity provider that makes and
//! deactivates users. Its errors have a status that is a number, its lists are always empty, and of a user only `active` counts.

mod body;
mod client;
mod error;
mod model;
mod service_provider_config;
mod users;

use axum::http::{StatusCode, Uri};
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use client::check_enabled;
use error::ErrorSchemas;

use super::base::{ApiError, AppState};

/// The routes of SCIM, at both places where the contract has them.
pub fn router() -> OpenApiRouter<AppState> {
    let users = get(users::list_scim_users).post(users::create_scim_user);
    let user = get(users::get_scim_user)
        .put(users::replace_scim_user)
        .patch(users::update_scim_user);
    OpenApiRouter::with_openapi(ErrorSchemas::openapi())
        .routes(routes!(
            service_provider_config::get_service_provider_config
        ))
        .routes(routes!(users::list_scim_users, users::create_scim_user))
        .routes(routes!(
            users::get_scim_user,
            users::replace_scim_user,
            users::update_scim_user
        ))
        .route(
            "/api/v2/scim/v2/ServiceProviderConfig",
            get(service_provider_config::get_service_provider_config),
        )
        .route("/api/v2/scim/v2/Users", users)
        .route("/api/v2/scim/v2/Users/{id}", user)
}

/// Whether what is not found at `path` is SCIM's to say.
pub fn is_below(path: &str) -> bool {
    let path = path.strip_prefix("/api/v2").unwrap_or(path);
    let below = path.strip_prefix("/scim");
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// 404: SCIM is disabled, or has nothing there.
pub fn not_found(state: &AppState, uri: &Uri) -> ApiError {
    let nothing_there = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            format!("SCIM endpoint not found: {uri}"),
        )
        .with_detail("There are ServiceProviderConfig, Users and Users/{id} below /scim/v2.")
    };
    check_enabled(state).err().unwrap_or_else(nothing_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_scim_is_its_own() {
        for path in ["/scim", "/scim/", "/scim/v1/Users", "/api/v2/scim/v2/x"] {
            assert!(is_below(path), "{path}");
        }
        for path in ["/", "/scimitar", "/api/v2/users/scim", "/api/v2"] {
            assert!(!is_below(path), "{path}");
        }
    }
}
