//! The client of a protocol request: looked up, and authenticated where the endpoint needs it (docs/contract/oauth2.md sections 3, 7).

use axum::extract::{FromRequest, Request};
use chancery_aggregates::oauth2::redirect_uri::{self, RedirectUri};
use chancery_aggregates::oauth2_app::{OAuth2App, OAuth2AppId};
use chancery_operations::oauth2_app::{
    self, AuthenticatedClient, Client, ShownSecret, authenticate_client,
};
use chancery_operations::{Guest, Services};

use super::client_authentication::PresentedClient;
use super::error::OAuth2Error;
use super::parameters::Parameters;
use crate::http::base::AppState;
use crate::http::base::asker::Asker;
use crate::http::base::signed_in::guest;

/// Finds the client with its secrets. An unknown one, which may be a deleted app, is `invalid_client`.
pub async fn find(services: &Services, client_id: OAuth2AppId) -> Result<Client, OAuth2Error> {
    let client = oauth2_app::find_client(services, client_id).await?;
    client.ok_or(OAuth2Error::InvalidClient)
}

/// Like [`find`], as the client is now.
pub async fn find_now(services: &Services, client_id: OAuth2AppId) -> Result<Client, OAuth2Error> {
    let client = oauth2_app::find_client_now(services, client_id).await?;
    client.ok_or(OAuth2Error::InvalidClient)
}

/// What an app registered, against which its requests are checked.
#[derive(Debug, Clone, Copy)]
pub struct RegisteredClient<'a> {
    /// The redirect URI of a request that names none.
    pub callback_url: &'a str,
    /// Further redirect URIs.
    pub redirect_uris: &'a [RedirectUri],
    /// Whether a code challenge is required: of public clients, and where the app asks for it.
    pub requires_pkce: bool,
}

impl RegisteredClient<'_> {
    /// Whether `uri` is one of the client's redirect URIs; of http loopback ones with any port.
    pub fn is_registered(&self, uri: &str) -> bool {
        std::iter::once(self.callback_url)
            .chain(self.redirect_uris.iter().map(RedirectUri::as_str))
            .any(|registered| redirect_uri::matches(registered, uri))
    }
}

/// What authorization requests of the client are checked against.
pub fn registered(app: &OAuth2App) -> RegisteredClient<'_> {
    RegisteredClient {
        callback_url: app.settings.callback_url.as_str(),
        redirect_uris: &app.settings.redirect_uris,
        requires_pkce: app.require_pkce || app.is_public(),
    }
}

/// A request that a client makes for itself: its form, and the client that it names, which exists but is not yet
/// authenticated. An extractor.
pub struct ClientRequest {
    /// Who sends it.
    pub guest: Guest,
    /// What it asks for.
    pub form: Parameters,
    /// The client it names.
    pub client: Client,
    /// The secret it shows.
    pub secret: ShownSecret,
    asker: Option<Asker>,
}

impl FromRequest<AppState> for ClientRequest {
    type Rejection = OAuth2Error;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, OAuth2Error> {
        let (parts, body) = request.into_parts();
        let query = Parameters::from_query(parts.uri.query())?;
        let form = Parameters::from_form(&parts.headers, body).await?;
        let presented = PresentedClient::read(&query, &form, &parts.headers)?;
        Ok(ClientRequest {
            guest: guest(&parts, state),
            form,
            client: find(&state.services, presented.client_id).await?,
            secret: presented.secret,
            asker: Asker::of(&parts).cloned(),
        })
    }
}

impl ClientRequest {
    /// Authenticates the client, and leaves the form.
    pub async fn authenticate(self) -> Result<(AuthenticatedClient, Parameters), OAuth2Error> {
        let client = authenticate_client(self.guest, self.client, &self.secret).await?;
        let client = client.ok_or(OAuth2Error::InvalidClient)?;
        if let Some(asker) = &self.asker {
            asker.is_app(client.client.id);
        }
        Ok((client, self.form))
    }
}
