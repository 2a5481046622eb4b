//! The description of the API, made from the routes themselves.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, Required, SchemaFormat, SecurityRequirement, Type,
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::base::state::AppState;
use super::provisioner_key;

/// The segments that paths of several operations have: name, whether a UUID, description.
const SEGMENTS: &[(&str, bool, &str)] = &[
    ("app", true, "The app's id."),
    ("group", true, "Group id"),
    ("groupName", false, "Group name"),
    (
        "keyid",
        false,
        "The ten characters before the dash of the key",
    ),
    ("keyname", false, "The token's name"),
    ("organization", false, "Organization id, name, or default"),
    ("secret_id", true, "The secret's id."),
    ("user", false, "User id, user name, or me"),
];

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

/// Routes whose operations have a tag in common; an operation that names another one keeps that.
pub fn tagged(tag: &str, mut routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    for item in routes.get_openapi_mut().paths.paths.values_mut() {
        for operation in operations(item) {
            operation.tags.get_or_insert_with(|| vec![tag.to_owned()]);
        }
    }
    routes
}

/// An operation at one more path, where it has an id and a summary of its own.
pub fn at(
    path: &str,
    id: &str,
    summary: &str,
    (schemas, mut paths, routes): UtoipaMethodRouter<AppState>,
) -> UtoipaMethodRouter<AppState> {
    let items = std::mem::take(&mut paths.paths).into_values();
    paths.paths = items.map(|item| (path.to_owned(), item)).collect();
    for operation in paths.paths.values_mut().flat_map(operations) {
        operation.operation_id = Some(id.to_owned());
        operation.summary = Some(summary.to_owned());
    }
    (schemas, paths, routes)
}

/// Adds what follows from the paths: the parameters that their [`SEGMENTS`] are, and ids that no two operations share.
pub fn complete(document: &mut OpenApi) {
    let mut seen = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let described = operation.parameters.take().unwrap_or_default();
            let known: Vec<Parameter> = segments(path)
                .filter(|segment| described.iter().all(|other| other.name != segment.name))
                .collect();
            let parameters: Vec<Parameter> = known.into_iter().chain(described).collect();
            operation.parameters = (!parameters.is_empty()).then_some(parameters);
            make_id_distinct(operation, path, &mut seen);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let operations = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ];
    operations.into_iter().flatten()
}

/// The parameters that the [`SEGMENTS`] of a path are, in their order.
fn segments(path: &str) -> impl Iterator<Item = Parameter> {
    let names = path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        SEGMENTS.iter().find(|(known, ..)| *known == name)
    });
    names.map(|(name, is_uuid, description)| {
        let format = is_uuid.then_some(SchemaFormat::KnownFormat(KnownFormat::Uuid));
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(format);
        ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(*description))
            .schema(Some(schema))
            .build()
    })
}

/// An operation that is served at several paths gets an id of its own at each: the first keeps the handler's name, the others
/// add their path.
fn make_id_distinct(operation: &mut Operation, path: &str, seen: &mut BTreeSet<String>) {
    if let Some(id) = &mut operation.operation_id
        && !seen.insert(id.clone())
    {
        let place = path.replace(|character: char| !character.is_ascii_alphanumeric(), "_");
        id.push_str(&place);
        seen.insert(id.clone());
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
