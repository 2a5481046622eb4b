//! What showing consent and issuing a code share.

use axum::http::request::Parts;
use chancery_operations::oauth2_app::Client;
use utoipa::{IntoParams, ToSchema};

use super::super::client;
use super::super::client_authentication::client_id_of_query;
use super::super::error::OAuth2Error;
use super::super::parameters::Parameters;
use super::refusal::Refusal;
use super::request::{AuthorizationRequest, AuthorizationRequestError};
use crate::http::base::AppState;

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

/// Reads the query and finds its client, before anything else is looked at (docs/contract/oauth2.md section 3).
pub async fn find_client(state: &AppState, parts: &Parts) -> Result<(Parameters, Client), Refusal> {
    let query =
        Parameters::from_query(parts.uri.query()).map_err(AuthorizationRequestError::from)?;
    let client_id = client_id_of_query(&query).map_err(OAuth2Error::from)?;
    let client = client::find(&state.services, client_id).await?;
    Ok((query, client))
}

/// Reads the rest of the query, against what the client registered. What it is refused for is so now: another server may just have
/// changed what is registered.
pub async fn read_request(
    state: &AppState,
    query: &Parameters,
    client: Client,
) -> Result<(Client, AuthorizationRequest), Refusal> {
    if let Ok(request) = AuthorizationRequest::parse(query, client::registered(&client.thing)) {
        return Ok((client, request));
    }
    let client = client::find_now(&state.services, client.id).await?;
    let request = AuthorizationRequest::parse(query, client::registered(&client.thing))?;
    Ok((client, request))
}
