//! Apps as they ask for themselves: found, and authenticated by a secret (docs/contract/oauth2.md 3 and 7).

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_app::{AppSecretId, OAuth2App, OAuth2AppId};
use chancery_ledger::Present;

use super::Client;
use crate::failure::Failure;
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

/// An app that has shown who it is, on one request.
#[derive(Clone)]
pub struct AuthenticatedClient {
    pub(crate) guest: Guest,
    /// The app with its secrets.
    pub client: Client,
    /// The secret that it showed; None for a public client, which has none.
    pub secret_id: Option<AppSecretId>,
}

/// The app of this `client_id`, with its secrets, as the log has it. It may have changed since: whatever is recorded for it rests on
/// it as it is then. That there is none is so now.
pub async fn find_client(
    services: &Services,
    client_id: OAuth2AppId,
) -> Result<Option<Client>, Failure> {
    let ledger = services.ledger();
    if let Some(client) = find(&ledger.so_far(), client_id).await? {
        return Ok(Some(client));
    }
    find_client_now(services, client_id).await
}

/// The app of this `client_id`, with its secrets, as it is now.
pub async fn find_client_now(
    services: &Services,
    client_id: OAuth2AppId,
) -> Result<Option<Client>, Failure> {
    find(&services.ledger().now().await?, client_id).await
}

/// The app of this id in a view of the log.
pub(crate) async fn find(view: &Present, id: OAuth2AppId) -> Result<Option<Client>, Failure> {
    let state = view.state::<OAuth2App>(&id.to_string()).await?.state;
    let app = state.life.live().cloned();
    Ok(app.map(|thing| Client {
        id,
        thing,
        created_at: state.created_at,
        updated_at: state.updated_at,
    }))
}

/// Authenticates an app: a confidential one by a secret of its own, a public one by showing none. Notes the use of the secret.
/// None: it is not the app, as it is now.
pub async fn authenticate_client(
    guest: Guest,
    mut client: Client,
    shown: &ShownSecret,
) -> Result<Option<AuthenticatedClient>, Failure> {
    let mut recognised = recognise(&client.thing, shown);
    if recognised.is_err() {
        let now = guest.services().ledger().now().await?;
        let Some(present) = find(&now, client.id).await? else {
            return Ok(None);
        };
        client = present;
        recognised = recognise(&client.thing, shown);
    }
    let Ok(secret_id) = recognised else {
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

/// What is shown does not prove the app.
struct Unrecognised;

/// The secret of the app that is shown; None where the app has none and none is shown.
fn recognise(app: &OAuth2App, shown: &ShownSecret) -> Result<Option<AppSecretId>, Unrecognised> {
    match shown {
        ShownSecret::Absent if app.is_public() => Ok(None),
        ShownSecret::Given(secret) if !app.is_public() => {
            let secret = app.authenticate(secret).ok_or(Unrecognised)?;
            Ok(Some(secret.secret_id))
        }
        ShownSecret::Absent | ShownSecret::Malformed | ShownSecret::Given(_) => Err(Unrecognised),
    }
}

impl AuthenticatedClient {
    pub(crate) fn actor(&self) -> Actor {
        let name = self.client.thing.settings.name.as_str();
        Actor::oauth2_app(self.client.id, name, None)
    }
}
