//! The description of the API, made from the routes themselves.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, SecurityRequirement};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::base::state::AppState;
use super::provisioner_key;

/// The document without operations: title, security schemes.
pub fn skeleton() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Chancery")
        .description(Some(
            "An event-sourced OAuth 2.1 authorization server and identity control plane.",
        ))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let components = ComponentsBuilder::new()
        .security_scheme(
            "session_token",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("Coder-Session-Token"))),
        )
        .security_scheme(
            "session_cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("coder_session_token"))),
        )
        .security_scheme(
            "bearer",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        )
        .security_scheme(
            "provisioner_key",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(
                provisioner_key::KEY_HEADER,
            ))),
        )
        .security_scheme(
            "client_basic",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build()),
        )
        .build();
    let any = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([
            any("session_token"),
            any("session_cookie"),
            any("bearer"),
        ]))
        .build()
}

/// An operation that is served at several paths gets an id of its own at each: the first keeps the handler's name, the others
/// add their path.
pub fn make_ids_distinct(document: &mut OpenApi) {
    let mut seen = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            let Some(id) = &mut operation.operation_id else {
                continue;
            };
            if !seen.insert(id.clone()) {
                let place = path.replace(|character: char| !character.is_ascii_alphanumeric(), "_");
                id.push_str(&place);
                seen.insert(id.clone());
            }
        }
    }
}

/// The page that shows the document. It brings its own scripts and styles, so its policy is looser than the other pages'.
pub fn page() -> Router<AppState> {
    let config = Config::from("/openapi.json").validator_url("none");
    let page: Router<AppState> = SwaggerUi::new("/docs/api").config(config).into();
    page.layer(SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
        ),
    ))
}
