//! Apps as they ask for themselves: found, and authenticated by a secret (contract oauth2 3 and 7).

use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_projections::oauth2_app::Client;
use uuid::Uuid;

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
    pub secret_id: Option<Uuid>,
}

/// The app of this `client_id`, with its secrets.
pub async fn find_client(services: &Services, client_id: Uuid) -> Result<Option<Client>, Failure> {
    Ok(services.readers().client(client_id).await?)
}

/// Authenticates an app: a confidential one by a secret of its own, a public one by showing none. Notes the use of the secret.
/// None: it is not the app.
pub async fn authenticate_client(
    guest: Guest,
    client: Client,
    secret: &ShownSecret,
) -> Option<AuthenticatedClient> {
    let secret_id = match secret {
        ShownSecret::Absent if client.app.is_public() => None,
        ShownSecret::Given(secret) if !client.app.is_public() => {
            let id = client.app.authenticate(secret)?.secret_id;
            guest.services().note_secret_use(id).await;
            Some(id)
        }
        ShownSecret::Absent | ShownSecret::Malformed | ShownSecret::Given(_) => return None,
    };
    Some(AuthenticatedClient {
        guest,
        client,
        secret_id,
    })
}

impl AuthenticatedClient {
    pub(crate) fn actor(&self) -> Actor {
        let name = self.client.app.settings.name.as_str();
        Actor::oauth2_app(self.client.id, name, None)
    }
}
