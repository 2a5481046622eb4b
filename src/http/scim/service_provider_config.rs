//! `GET /scim/v2/ServiceProviderConfig` (RFC 7643 5), as the founding dialect writes it: for anybody.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::ScimJson;
use super::client::ScimEnabled;
use crate::config::AccessUrl;
use crate::http::base::{AppState, ErrorBody};

const DOCUMENTATION: &str = "https://coder.com/docs/admin/users/oidc-auth#scim";
/// When the document was last changed, in the contract.
const CHANGED: &str = "2024-10-25T17:00:00Z";

/// What the dialect can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceProviderConfig {
    schemas: [&'static str; 1],
    documentation_uri: &'static str,
    patch: Supported,
    bulk: Bulk,
    filter: Filter,
    change_password: Supported,
    sort: Supported,
    etag: Supported,
    authentication_schemes: [AuthenticationScheme; 1],
    meta: Meta,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SCIMSupported)]
struct Supported {
    supported: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMBulk)]
struct Bulk {
    supported: bool,
    max_operations: u32,
    max_payload_size: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMFilter)]
struct Filter {
    supported: bool,
    max_results: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMAuthenticationScheme)]
struct AuthenticationScheme {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    description: &'static str,
    spec_uri: &'static str,
    documentation_uri: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SCIMProviderMeta)]
struct Meta {
    resource_type: &'static str,
    created: &'static str,
    last_modified: &'static str,
    location: String,
}

impl ServiceProviderConfig {
    fn new(access_url: &AccessUrl) -> Self {
        let not = || Supported { supported: false };
        Self {
            schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            documentation_uri: DOCUMENTATION,
            patch: Supported { supported: true },
            bulk: Bulk {
                supported: false,
                max_operations: 0,
                max_payload_size: 0,
            },
            filter: Filter {
                supported: false,
                max_results: 0,
            },
            change_password: not(),
            sort: not(),
            etag: not(),
            authentication_schemes: [AuthenticationScheme {
                kind: "oauthbearertoken",
                name: "HTTP Header Authentication",
                description: "Authentication scheme using the Authorization header with the shared token",
                spec_uri: "",
                documentation_uri: DOCUMENTATION,
            }],
            meta: Meta {
                resource_type: "ServiceProviderConfig",
                created: CHANGED,
                last_modified: CHANGED,
                location: access_url.join("/scim/v2/ServiceProviderConfig"),
            },
        }
    }
}

/// What SCIM can do here.
#[utoipa::path(
    get,
    path = "/scim/v2/ServiceProviderConfig",
    security(()),
    responses(
        (status = 200, description = "What it can do.", body = ServiceProviderConfig, content_type = "application/scim+json"),
        (status = 404, description = "SCIM is not enabled.", body = ErrorBody),
    )
)]
pub async fn get_service_provider_config(
    State(state): State<AppState>,
    ScimEnabled: ScimEnabled,
) -> ScimJson<ServiceProviderConfig> {
    ScimJson(ServiceProviderConfig::new(&state.access_url))
}
