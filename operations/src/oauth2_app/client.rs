//! Apps as they ask for themselves: found, and authenticated by a secret (docs/contract/oauth2.md 3 and 7).

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_app::{self, ClientType};
use chancery_ledger::{Seen, View};
use uuid::Uuid;

use super::OAuth2App;
use crate::failure::Failure;
use crate::leave::Thing;
use crate::unit::Unit;
use crate::{Actor, Guest, Services};

/// The client secret that a request shows.
#[derive(Clone, Debug)]
pub enum ShownSecret {
    /// None: a public client, or a confidential one that forgot it.
    Absent,
    /// One that cannot be any client's secret.
    Malformed,
    /// One in the right form; its hash is kept.
    Given(PrefixedSecret),
}

/// An app with its secrets, as the log has it.
#[derive(Clone, Debug)]
pub struct Client {
    /// The app.
    pub app: OAuth2App,
    pub(crate) seen: Seen<oauth2_app::OAuth2App>,
}

/// An app that has shown who it is, on one request.
#[derive(Clone)]
pub struct AuthenticatedClient {
    pub(crate) guest: Guest,
    /// The app with its secrets.
    pub client: Client,
    /// The secret that it showed; None for a public client, which has none.
    pub secret_id: Option<Uuid>,
}

/// The app of this `client_id`, with its secrets. It may have changed since: whatever is recorded for it names it as it was found
/// here. That there is none is so now.
pub async fn find_client(services: &Services, client_id: Uuid) -> Result<Option<Client>, Failure> {
    let ledger = services.ledger();
    if let Some(client) = Client::find(&ledger.so_far(), client_id).await? {
        return Ok(Some(client));
    }
    Client::find(&ledger.now().await?, client_id).await
}

/// Whether the app has no secret.
pub fn is_public(client: &Client) -> bool {
    client.app.client_type == ClientType::Public.as_str()
}

/// Authenticates an app: a confidential one by a secret of its own, a public one by showing none. Notes the use of the secret.
/// None: it is not the app, as it is now.
pub async fn authenticate_client(
    guest: Guest,
    client: Client,
    secret: &ShownSecret,
) -> Result<Option<AuthenticatedClient>, Failure> {
    let client = match client.recognises(secret) {
        Some(_) => client,
        None => {
            let now = guest.services().ledger().now().await?;
            match Client::find(&now, client.app.id).await? {
                Some(client) => client,
                None => return Ok(None),
            }
        }
    };
    let Some(secret_id) = client.recognises(secret) else {
        return Ok(None);
    };
    if let Some(id) = secret_id {
        guest.services().note_secret_use(id).await;
    }
    Ok(Some(AuthenticatedClient {
        guest,
        client,
        secret_id,
    }))
}

impl Client {
    pub(crate) async fn find(view: &View, id: Uuid) -> Result<Option<Self>, Failure> {
        let seen = view.state::<oauth2_app::OAuth2App>(&id.to_string()).await?;
        let Some(app) = seen.state.life.live() else {
            return Ok(None);
        };
        let app = OAuth2App {
            id,
            name: app.name.clone(),
            callback_url: app.callback_url.clone(),
            icon: app.icon.clone(),
            redirect_uris: app.redirect_uris.clone(),
            client_type: app.client_type.as_str().to_owned(),
            token_endpoint_auth_method: app.token_endpoint_auth_method.as_str().to_owned(),
            require_pkce: app.require_pkce,
            allow_multiple_grants: app.allow_multiple_grants,
            created_at: seen.state.created_at,
            updated_at: seen.state.updated_at,
        };
        Ok(Some(Self { app, seen }))
    }

    /// The secret of the app that is shown, `Some(None)` where it has none and none is shown; None: that is not the app.
    fn recognises(&self, shown: &ShownSecret) -> Option<Option<Uuid>> {
        match shown {
            ShownSecret::Absent if is_public(self) => Some(None),
            ShownSecret::Given(secret) if !is_public(self) => {
                let app = self.seen.state.life.live()?;
                Some(Some(app.authenticate(secret)?.secret_id))
            }
            ShownSecret::Absent | ShownSecret::Malformed | ShownSecret::Given(_) => None,
        }
    }

    /// Names the app in the unit's append: should it change in between, the unit is not recorded.
    pub(crate) fn is_rested_on_by<T: Thing>(&self, unit: &mut Unit<'_, T>) -> Result<(), Failure> {
        unit.rests_on(&self.app.id.to_string(), &self.seen)
    }

    /// Whether the app still has the secret, if it was one that was shown.
    pub(crate) fn still_has(&self, secret_id: Option<Uuid>) -> bool {
        let secrets = self.seen.state.life.live().map(|app| &app.secrets);
        secret_id.is_none_or(|id| {
            let mut secrets = secrets.into_iter().flatten();
            secrets.any(|secret| secret.secret_id == id)
        })
    }
}

impl AuthenticatedClient {
    pub(crate) fn actor(&self) -> Actor {
        Actor::oauth2_app(self.client.app.id, &*self.client.app.name, None)
    }
}
