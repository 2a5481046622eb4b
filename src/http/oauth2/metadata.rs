//! Discovery documents: RFC 8414 for the authorization server, RFC 9728 for the API it protects (docs/contract/oauth2.md section 2).

use axum::extract::{Path, State};
use chancery_operations::oauth2_settings::{self, OAuth2Settings};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::AccessUrl;
use crate::http::base::{ApiError, AppState, ErrorBody, Json};

/// Authorization server metadata (RFC 8414). `scopes_supported` is left out: this server has no catalogue of scopes,
/// and clients ask for everything that a server lists.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuthorizationServerMetadata {
    /// The access URL; equals the `iss` of every authorization response.
    pub issuer: String,
    /// Where users consent.
    pub authorization_endpoint: String,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: String,
    /// RFC 7591; absent while nobody may register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    /// RFC 7009.
    pub revocation_endpoint: String,
    /// RFC 7662.
    pub introspection_endpoint: String,
    /// Always `code`.
    pub response_types_supported: [&'static str; 1],
    /// Always `query`.
    pub response_modes_supported: [&'static str; 1],
    /// `authorization_code` and `refresh_token`.
    pub grant_types_supported: [&'static str; 2],
    /// Always `S256`; `plain` is refused.
    pub code_challenge_methods_supported: [&'static str; 1],
    /// How clients authenticate at the token endpoint; `none` for public ones.
    pub token_endpoint_auth_methods_supported: [&'static str; 3],
    /// How clients authenticate at the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: [&'static str; 3],
    /// How clients authenticate at the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: [&'static str; 2],
    /// Whether a client's id may be the URL of its metadata document.
    pub client_id_metadata_document_supported: bool,
    /// RFC 9207: authorization responses carry `iss`.
    pub authorization_response_iss_parameter_supported: bool,
}

impl AuthorizationServerMetadata {
    /// The document of the server at `access_url`, under these settings.
    pub fn new(access_url: &AccessUrl, settings: &OAuth2Settings) -> Self {
        let may_register = settings.dynamic_client_registration_enabled;
        AuthorizationServerMetadata {
            issuer: access_url.to_string(),
            authorization_endpoint: access_url.join("/oauth2/authorize"),
            token_endpoint: access_url.join("/oauth2/tokens"),
            registration_endpoint: may_register.then(|| access_url.join("/oauth2/register")),
            revocation_endpoint: access_url.join("/oauth2/revoke"),
            introspection_endpoint: access_url.join("/oauth2/introspect"),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token"],
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            revocation_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            introspection_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
            ],
            client_id_metadata_document_supported: settings.client_metadata_documents_enabled,
            authorization_response_iss_parameter_supported: true,
        }
    }
}

/// Protected resource metadata (RFC 9728) of this server's own API.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProtectedResourceMetadata {
    /// The access URL.
    pub resource: String,
    /// The access URL: the server guards itself.
    pub authorization_servers: [String; 1],
    /// `header` and `query`.
    pub bearer_methods_supported: [&'static str; 2],
}

impl ProtectedResourceMetadata {
    /// The document of the server at `access_url`.
    pub fn new(access_url: &AccessUrl) -> Self {
        ProtectedResourceMetadata {
            resource: access_url.to_string(),
            authorization_servers: [access_url.to_string()],
            bearer_methods_supported: ["header", "query"],
        }
    }
}

/// Authorization server metadata (RFC 8414).
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    operation_id = "get_oauth2_authorization_server_metadata",
    responses(
        (status = 200, description = "The metadata.", body = AuthorizationServerMetadata),
        (status = 503, description = "The server cannot answer now.", body = ErrorBody),
    ),
    security(()),
)]
pub async fn authorization_server(
    State(state): State<AppState>,
) -> Result<Json<AuthorizationServerMetadata>, ApiError> {
    let settings = oauth2_settings::known(&state.services).await?;
    let metadata = AuthorizationServerMetadata::new(&state.access_url, &settings);
    Ok(Json(metadata))
}

/// Protected resource metadata (RFC 9728) of this server's API.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-protected-resource",
    operation_id = "get_oauth2_protected_resource_metadata",
    responses((status = 200, description = "The metadata.", body = ProtectedResourceMetadata)),
    security(()),
)]
pub async fn protected_resource(State(state): State<AppState>) -> Json<ProtectedResourceMetadata> {
    Json(ProtectedResourceMetadata::new(&state.access_url))
}

/// The metadata where clients look for it when the issuer has a path: the path inserted after the well-known part (RFC 8414
/// section 3.1). Of another path there is none.
pub async fn authorization_server_at(
    State(state): State<AppState>,
    Path(path): Path<String>,
) -> Result<Json<AuthorizationServerMetadata>, ApiError> {
    if is_path_of(&state.access_url, &path) {
        authorization_server(State(state)).await
    } else {
        Err(ApiError::route_not_found())
    }
}

/// The same for the resource metadata (RFC 9728 section 3.1).
pub async fn protected_resource_at(
    State(state): State<AppState>,
    Path(path): Path<String>,
) -> Result<Json<ProtectedResourceMetadata>, ApiError> {
    if is_path_of(&state.access_url, &path) {
        Ok(Json(ProtectedResourceMetadata::new(&state.access_url)))
    } else {
        Err(ApiError::route_not_found())
    }
}

/// The third document that clients look for. There is none, which scripts of other origins must be able to read: a failure of another
/// kind ends their search.
pub async fn openid_configuration() -> ApiError {
    ApiError::route_not_found()
}

/// Whether `path`, without its first slash, is the access URL's.
fn is_path_of(access_url: &AccessUrl, path: &str) -> bool {
    let own = access_url.url().path().trim_matches('/');
    !own.is_empty() && own == path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_url_of_the_metadata_begins_with_the_one_issuer() {
        let access_url: AccessUrl = "https://id.example.com/auth/".parse().unwrap();
        let settings = OAuth2Settings {
            dynamic_client_registration_enabled: true,
            ..OAuth2Settings::default()
        };
        let document = AuthorizationServerMetadata::new(&access_url, &settings);
        let document = serde_json::to_value(document).unwrap();
        assert_eq!(document["issuer"], "https://id.example.com/auth");
        let endpoints = document
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint"));
        for (name, url) in endpoints {
            assert!(
                url.as_str()
                    .unwrap()
                    .starts_with("https://id.example.com/auth/oauth2/"),
                "{name}"
            );
        }
    }

    #[test]
    fn the_api_is_guarded_by_the_server_itself() {
        let access_url: AccessUrl = "http://localhost:3000".parse().unwrap();
        let document = ProtectedResourceMetadata::new(&access_url);
        assert_eq!([document.resource], document.authorization_servers);
    }

    #[test]
    fn path_insertion_answers_for_the_issuers_own_path_only() {
        let with_path: AccessUrl = "https://id.example.com/auth/v1".parse().unwrap();
        assert!(is_path_of(&with_path, "auth/v1") && is_path_of(&with_path, "auth/v1/"));
        assert!(!is_path_of(&with_path, "auth") && !is_path_of(&with_path, ""));
        let without: AccessUrl = "https://id.example.com".parse().unwrap();
        assert!(!is_path_of(&without, "") && !is_path_of(&without, "mcp"));
    }
}
