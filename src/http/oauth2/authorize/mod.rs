//! The authorization endpoint (oauth2.md section 4): GET shows the consent page, POST issues the code.
//!
//! Both read the URL query. Redirect URIs match exactly, except for the port of http loopback addresses; `state` is
//! required; a request whose redirect URI is wrong never redirects.

pub mod consent;
pub mod issue;
mod redirect;
mod refusal;
mod request;

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_operations::oauth2_app::Client;
use utoipa::{IntoParams, ToSchema};

pub use request::RegisteredClient;

use crate::http::AppState;

use super::client;
use super::client_authentication::client_id_of_query;
use super::error::{OAuth2Error, uncached};
use super::parameters::Parameters;
use refusal::Refusal;
use request::AuthorizationRequestError;

/// The query of the authorization endpoint, for the API document. Unknown parameters are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as parameters")]
pub struct AuthorizeQuery {
    /// The app's id.
    client_id: uuid::Uuid,
    /// `code`.
    #[param(example = "code")]
    response_type: String,
    /// Returned unchanged.
    state: String,
    /// One of the app's redirect URIs, exactly; http loopback addresses with any port. Default: its callback URL.
    redirect_uri: Option<String>,
    /// Names separated by spaces; their meaning is the resource's.
    scope: Option<String>,
    /// The resource the token is for (RFC 8707): an absolute URI without a fragment.
    resource: Option<String>,
    /// The PKCE challenge: base64url of the verifier's SHA-256.
    code_challenge: Option<String>,
    /// `S256`, which is also the default.
    code_challenge_method: Option<String>,
}

/// The consent page's form, for the API document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as parameters")]
pub struct ConsentForm {
    /// The value of the `csrf_token` cookie.
    csrf_token: String,
}

/// Reads the query and finds its client, before anything else is looked at (oauth2.md section 3).
async fn find_client(state: &AppState, parts: &Parts) -> Result<(Parameters, Client), Refusal> {
    let query =
        Parameters::from_query(parts.uri.query()).map_err(AuthorizationRequestError::from)?;
    let client_id = client_id_of_query(&query).map_err(OAuth2Error::from)?;
    let client = client::find(&state.services, client_id).await?;
    Ok((query, client))
}

/// Sends the browser back to the client.
fn see_client(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return OAuth2Error::Internal("The redirect URI is not a header value").into_response();
    };
    // The code must not travel on in a Referer.
    let headers = [
        (header::LOCATION, location),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    uncached((StatusCode::FOUND, headers))
}
