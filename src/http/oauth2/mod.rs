//! The OAuth2 protocol endpoints (oauth2.md): discovery, authorization, tokens, revocation, introspection.
//!
//! Every path lives at the site root. Those under `/oauth2` answer under `/api/v2/oauth2` too, where the contract's own
//! documentation shows them.

pub mod authorize;
mod client;
mod client_authentication;
mod error;
mod introspect;
mod metadata;
mod parameters;
mod revoke;
mod revoke_grants;
mod secret_use;
mod token;

use axum::Extension;
use axum::routing::get;
use chancery_aggregates::user::Status;
use chancery_projections::user::User;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::router::cors;
use secret_use::SecretUse;

/// The routes of the protocol.
pub fn router() -> OpenApiRouter<AppState> {
    let protocol = protocol().layer(Extension(SecretUse::default()));
    discovery()
        .merge(protocol.clone())
        .nest("/api/v2", with_own_operation_ids(protocol))
}

fn discovery() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(metadata::authorization_server))
        .routes(routes!(metadata::protected_resource))
        .route(
            "/.well-known/oauth-authorization-server/{*path}",
            get(metadata::authorization_server_at),
        )
        .route(
            "/.well-known/oauth-protected-resource/{*path}",
            get(metadata::protected_resource_at),
        )
        .layer(cors())
}

fn protocol() -> OpenApiRouter<AppState> {
    let for_scripts_of_other_origins = OpenApiRouter::new()
        .routes(routes!(token::exchange, revoke_grants::delete))
        .routes(routes!(token::exchange_singular))
        .routes(routes!(revoke::revoke))
        .routes(routes!(introspect::introspect))
        .layer(cors());
    OpenApiRouter::new()
        .routes(routes!(authorize::consent::show, authorize::issue::submit))
        .merge(for_scripts_of_other_origins)
}

/// Operation ids are unique in an API document, so the second set of paths needs its own.
fn with_own_operation_ids(mut router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        for operation in operations(item) {
            operation.operation_id = operation.operation_id.take().map(|id| format!("api_{id}"));
        }
    }
    router
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.delete.as_mut()]
        .into_iter()
        .flatten()
}

/// Whether tokens may act for the user.
fn may_sign_in(user: &User) -> bool {
    [Status::Active, Status::Dormant]
        .iter()
        .any(|status| status.as_str() == user.status)
}
