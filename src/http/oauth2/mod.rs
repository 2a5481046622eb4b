//! The OAuth2 protocol endpoints (docs/contract/oauth2.md): discovery, authorization, tokens, revocation, introspection,
//! registration.
//!
//! Every path lives at the site root. Those under `/oauth2` answer under `/api/v2/oauth2` too, where the contract's own
//! documentation shows them.

pub mod authorize;
pub mod client;
pub mod client_authentication;
mod error;
mod introspect;
mod metadata;
pub mod parameters;
mod register;
mod revoke;
mod revoke_grants;
mod token;

use axum::http::Uri;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use utoipa::openapi::path::{PathItem, Paths};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::base::cors::cors;
use super::base::family::Family;
use super::base::{ApiError, AppState};

/// The routes of the protocol.
pub fn router() -> OpenApiRouter<AppState> {
    let protocol = protocol();
    discovery()
        .merge(protocol.clone())
        .nest("/api/v2", with_own_operation_ids(protocol))
}

fn discovery() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(for_every_origin(routes!(metadata::authorization_server)))
        .routes(for_every_origin(routes!(metadata::protected_resource)))
        .route(
            "/.well-known/oauth-authorization-server/{*path}",
            with_cors(get(metadata::authorization_server_at)),
        )
        .route(
            "/.well-known/oauth-protected-resource/{*path}",
            with_cors(get(metadata::protected_resource_at)),
        )
        .route(
            "/.well-known/openid-configuration",
            with_cors(get(metadata::openid_configuration)),
        )
        .route(
            "/.well-known/openid-configuration/{*path}",
            with_cors(get(metadata::openid_configuration)),
        )
}

fn protocol() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(authorize::consent::show, authorize::issue::submit))
        .routes(for_every_origin(routes!(
            token::exchange,
            revoke_grants::delete
        )))
        .routes(for_every_origin(singular(routes!(token::exchange))))
        .routes(for_every_origin(routes!(revoke::revoke)))
        .routes(for_every_origin(routes!(introspect::introspect)))
        .routes(for_every_origin(routes!(register::register)))
        .routes(for_every_origin(routes!(
            register::manage::show,
            register::manage::update,
            register::manage::delete
        )))
}

/// The token endpoint for clients that guess its name.
fn singular(
    (schemas, paths, methods): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    let mut moved = Paths::new();
    for mut item in paths.paths.into_values() {
        rename_operations(&mut item, |id| format!("{id}_singular"));
        moved.paths.insert("/oauth2/token".to_owned(), item);
    }
    (schemas, moved, methods)
}

/// Lets scripts of any origin call the routes.
fn for_every_origin(routes: UtoipaMethodRouter<AppState>) -> UtoipaMethodRouter<AppState> {
    let (schemas, paths, methods) = routes;
    (schemas, paths, with_cors(methods))
}

/// With answers to preflight requests. They need a fallback of the route's own: the layer wraps that, and the server's
/// later one would replace it.
fn with_cors(methods: MethodRouter<AppState>) -> MethodRouter<AppState> {
    methods.fallback(method_not_allowed).layer(cors())
}

async fn method_not_allowed(uri: Uri) -> Response {
    Family::of(uri.path()).answer(ApiError::method_not_allowed())
}

/// Operation ids are unique in an API document, so the second set of paths needs its own.
fn with_own_operation_ids(mut router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    for item in router.get_openapi_mut().paths.paths.values_mut() {
        rename_operations(item, |id| format!("api_{id}"));
    }
    router
}

fn rename_operations(item: &mut PathItem, name: impl Fn(String) -> String) {
    let operations = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
    ];
    for operation in operations.into_iter().flatten() {
        operation.operation_id = operation.operation_id.take().map(&name);
    }
}
