//! The client of a protocol request: looked up, and authenticated where the endpoint needs it (oauth2.md sections 3, 7).

use axum::extract::{FromRequest, Request};
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_app::ClientType;
use chancery_projections::oauth2_app::Client;
use uuid::Uuid;

use crate::http::{ApiError, AppState, RequestFacts};

use super::authorize::RegisteredClient;
use super::client_authentication::{PresentedClient, PresentedSecret};
use super::error::OAuth2Error;
use super::parameters::Parameters;

/// Finds the client with its secrets. An unknown one, which may be a deleted app, is `invalid_client`.
pub async fn find(state: &AppState, client_id: Uuid) -> Result<Client, OAuth2Error> {
    let client = state
        .readers
        .client(client_id)
        .await
        .map_err(ApiError::from)?;
    client.ok_or(OAuth2Error::InvalidClient)
}

/// Whether the client has no secret.
pub fn is_public(client: &Client) -> bool {
    client.app.client_type == ClientType::Public.as_str()
}

/// What authorization requests of the client are checked against.
pub fn registered(client: &Client) -> RegisteredClient<'_> {
    RegisteredClient {
        callback_url: &client.app.callback_url,
        redirect_uris: &client.app.redirect_uris,
        requires_pkce: client.app.require_pkce || is_public(client),
    }
}

/// A request that a client makes for itself: its form, and the client that it names, which exists but is not yet
/// authenticated.
pub struct ClientRequest {
    /// Where the request comes from.
    pub facts: RequestFacts,
    /// What it asks for.
    pub form: Parameters,
    /// The client it names.
    pub client: Client,
    /// The secret it shows.
    pub secret: PresentedSecret,
}

impl FromRequest<AppState> for ClientRequest {
    type Rejection = OAuth2Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, OAuth2Error> {
        let (parts, body) = request.into_parts();
        let query = Parameters::from_query(parts.uri.query())?;
        let form = Parameters::from_form(&parts.headers, body).await?;
        let presented = PresentedClient::read(&query, &form, &parts.headers)?;
        Ok(ClientRequest {
            facts: RequestFacts::of(&parts),
            form,
            client: find(state, presented.client_id).await?,
            secret: presented.secret,
        })
    }
}

impl ClientRequest {
    /// Authenticates the client: a confidential one by a secret of its own, whose id is returned; a public one by showing
    /// none. Notes the use of the secret.
    pub async fn authenticate(&self, state: &AppState) -> Result<Option<Uuid>, OAuth2Error> {
        let is_public = is_public(&self.client);
        let secret_id = match &self.secret {
            PresentedSecret::Absent if is_public => return Ok(None),
            PresentedSecret::Given(secret) if !is_public => matching_secret(&self.client, secret),
            PresentedSecret::Absent | PresentedSecret::Malformed | PresentedSecret::Given(_) => {
                None
            }
        };
        let secret_id = secret_id.ok_or(OAuth2Error::InvalidClient)?;
        state.secret_use.note(state, secret_id).await;
        Ok(Some(secret_id))
    }
}

fn matching_secret(client: &Client, presented: &PrefixedSecret) -> Option<Uuid> {
    let secret = client.secret(&presented.prefix)?;
    crate::secret::equal(&secret.hashed_secret, presented.hash.as_str()).then_some(secret.id)
}
