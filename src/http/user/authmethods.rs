//! `GET /api/v2/users/authmethods`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::base::Json;

/// How users can sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthMethods {
    password: AuthMethod,
    github: GithubAuthMethod,
    oidc: OidcAuthMethod,
}

#[derive(Debug, Serialize, ToSchema)]
struct AuthMethod {
    enabled: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct GithubAuthMethod {
    enabled: bool,
    default_provider_configured: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OidcAuthMethod {
    enabled: bool,
    sign_in_text: &'static str,
    icon_url: &'static str,
}

/// How users can sign in.
#[utoipa::path(
    get,
    path = "/api/v2/users/authmethods",
    tag = "Authorization",
    security(()),
    responses((status = 200, body = AuthMethods))
)]
pub async fn get_auth_methods() -> Json<AuthMethods> {
    Json(AuthMethods {
        password: AuthMethod { enabled: true },
        github: GithubAuthMethod {
            enabled: false,
            default_provider_configured: false,
        },
        oidc: OidcAuthMethod {
            enabled: false,
            sign_in_text: "",
            icon_url: "",
        },
    })
}
