//! Every route, and the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::base::error::ApiError;
use super::base::family::Family;
use super::base::json::{self, Json};
use super::base::state::AppState;
use super::edge;
use super::openapi::{self, tagged};
use super::{
    api_key, audit, deployment, group, health, idp_sync, ledger, license, oauth2, oauth2_app,
    oauth2_grant, oauth2_settings, organization, organization_member, page, provisioner_daemon,
    provisioner_key, scim, user, workspace_quota,
};

/// Routes that are pages or files for people, and so not in the `OpenAPI` document.
pub const PAGES: &[&str] = &[
    "/",
    "/account/apps",
    "/login",
    "/logout",
    "/setup",
    "/static/{file}",
    "/docs/api",
    "/docs/api/",
    "/docs/api/{*rest}",
    "/openapi.json",
];

/// Other spellings of documented routes: the metadata of a resource or issuer whose identifier has a path (RFC 9728 3.1, RFC 8414
/// 3.1); the document of OpenID Connect, which there is none of; the tiles, whose paths have a number of elements that `OpenAPI` has no
/// word for; and SCIM, which the contract has at two places.
pub const ALIASES: &[&str] = &[
    "/api/v2/ledger/log/tile/{*tile}",
    "/.well-known/oauth-authorization-server/{*path}",
    "/.well-known/oauth-protected-resource/{*path}",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/{*path}",
    "/api/v2/scim/v2/ServiceProviderConfig",
    "/api/v2/scim/v2/Users",
    "/api/v2/scim/v2/Users/{id}",
];

/// The documented routes: the one list from which both the server and the `OpenAPI` document are made.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::skeleton())
        .merge(tagged("Health", health::router()))
        .merge(deployment::router())
        .merge(tagged("Users", user::router()))
        .merge(tagged("Users", api_key::router()))
        .merge(tagged("Organizations", organization::router()))
        .merge(tagged("Members", organization_member::router()))
        .merge(tagged("Enterprise", group::router()))
        .merge(tagged("Enterprise", idp_sync::router()))
        .merge(tagged("Enterprise", workspace_quota::router()))
        .merge(tagged("Audit", audit::router()))
        .merge(tagged("Ledger", ledger::router()))
        .merge(tagged("Licenses", license::router()))
        .merge(tagged("Enterprise", provisioner_key::router()))
        .merge(tagged("Enterprise", provisioner_daemon::router()))
        .merge(tagged("OAuth2", oauth2::router()))
        .merge(tagged("OAuth2 apps", oauth2_app::router()))
        .merge(tagged("OAuth2 apps", oauth2_grant::router()))
        .merge(tagged("OAuth2 apps", oauth2_settings::router()))
        .merge(tagged("SCIM", scim::router()))
}

/// The whole `OpenAPI` 3.1 document.
pub fn document() -> OpenApi {
    let mut document = routes().into_openapi();
    openapi::complete(&mut document);
    document
}

/// Documented routes and pages together, and the document.
fn assembled() -> (Router<AppState>, OpenApi) {
    let (documented, mut document) = routes().split_for_parts();
    openapi::complete(&mut document);
    let shared = Arc::new(document.clone());
    let router = documented
        .merge(page::router())
        .merge(openapi::page())
        .route(
            "/openapi.json",
            get(move || async move { Json(&*shared).into_response() }),
        );
    (router, document)
}

/// The whole server.
pub fn router(state: AppState) -> Router {
    assembled()
        .0
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(json::BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            edge::edge,
        ))
        .with_state(state)
}

async fn not_found(State(state): State<AppState>, method: Method, uri: Uri) -> Response {
    let path = uri.path();
    if scim::is_below(path) {
        return scim::not_found(&state, &uri).into_response();
    }
    let for_programs = ["/api/", "/.well-known/", "/oauth2/", "/static/"]
        .iter()
        .any(|prefix| path.starts_with(prefix));
    if for_programs || method != Method::GET {
        return Family::of(path).answer(ApiError::route_not_found());
    }
    page::not_found().into_response()
}

async fn method_not_allowed(State(state): State<AppState>, uri: Uri) -> Response {
    if scim::is_below(uri.path())
        && let Err(disabled) = scim::check_enabled(&state)
    {
        return disabled.into_response();
    }
    Family::of(uri.path()).answer(ApiError::method_not_allowed())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Every path that a router serves, as its debug form lists them: `RouteId(7): "/path"`.
    fn paths(router: &Router<AppState>) -> BTreeSet<String> {
        let text = format!("{router:?}");
        let mut pieces = text.split("RouteId(");
        pieces.next();
        pieces
            .filter_map(|piece| piece.split_once("): \"")?.1.split_once('"'))
            .map(|(path, _)| path.to_owned())
            .filter(|path| !path.contains("__private__"))
            .collect()
    }

    #[test]
    fn every_route_is_documented_or_a_named_page() {
        let (router, document) = assembled();
        let served = paths(&router);
        let mut known: BTreeSet<String> = document.paths.paths.keys().cloned().collect();
        assert!(known.contains("/api/v2/users/login") && served.contains("/api/v2/users/login"));
        known.extend(PAGES.iter().chain(ALIASES).map(|path| (*path).to_owned()));
        assert_eq!(served, known);
    }

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    for value in members.values() {
                        references(value, found);
                    }
                }
                Value::Array(elements) => {
                    for value in elements {
                        references(value, found);
                    }
                }
                _ => {}
            }
        }
        let document = serde_json::to_value(document()).unwrap();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 50);
        for reference in found {
            let place = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(place).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_description_a_tag_and_an_id_of_its_own() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let place = format!("{method} {path}");
                assert!(operation["summary"].is_string(), "{place}");
                assert!(operation["tags"][0].is_string(), "{place}");
                let id = operation["operationId"].as_str().unwrap().to_owned();
                assert!(ids.insert(id), "{place}");
            }
        }
    }
}
