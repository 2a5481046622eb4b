//! What showing consent and issuing a code share.

use axum::http::request::Parts;
use chancery_aggregates::oauth2::client_id_url::ClientIdUrl;
use chancery_operations::authenticate::Presumed;
use chancery_operations::oauth2_app::{self, Client};
use utoipa::{IntoParams, ToSchema};

use super::super::client;
use super::super::client_authentication::client_id_of_query;
use super::super::error::OAuth2Error;
use super::super::parameters::{Parameter, Parameters};
use super::refusal::Refusal;
use super::request::{AuthorizationRequest, AuthorizationRequestError};
use crate::http::base::AppState;

/// The query of the authorization endpoint, for the API document. Unknown parameters are ignored.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes a query that is read as parameters")]
pub struct AuthorizeQuery {
    /// The app's id, or the https URL of its metadata document.
    #[param(example = "5eed0000-0000-4000-8000-000000000004")]
    client_id: String,
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

/// The client that a request names.
pub enum NamedClient {
    /// One that is known.
    Known(Box<Client>),
    /// One that is described by a document.
    Described(ClientIdUrl),
}

impl NamedClient {
    /// The client as it is for a caller, who alone makes the server fetch a document.
    pub async fn for_caller(self, caller: &Presumed) -> Result<Client, Refusal> {
        match self {
            Self::Known(client) => Ok(*client),
            Self::Described(id) => {
                let client = oauth2_app::client_of_document(caller, &id).await;
                Ok(client.map_err(OAuth2Error::from)?)
            }
        }
    }
}

/// Reads the query and finds its client, before anything else is looked at (docs/contract/oauth2.md section 3).
pub async fn find_client(
    state: &AppState,
    parts: &Parts,
) -> Result<(Parameters, NamedClient), Refusal> {
    let query =
        Parameters::from_query(parts.uri.query()).map_err(AuthorizationRequestError::from)?;
    if let Some(id) = query
        .get(Parameter::ClientId)
        .filter(|id| ClientIdUrl::is_meant(id))
    {
        let id = ClientIdUrl::parse(id).map_err(OAuth2Error::InvalidClientUrl)?;
        return Ok((query, NamedClient::Described(id)));
    }
    let client_id = client_id_of_query(&query).map_err(OAuth2Error::from)?;
    let client = client::find(&state.services, client_id).await?;
    Ok((query, NamedClient::Known(Box::new(client))))
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
