//! What an access token is worth (RFC 7662).

use chancery_aggregates::oauth2::secret_text::PresentedApiKey;
use chancery_aggregates::oauth2_app::OAuth2App;

use crate::credential::{Access, Credential, may_sign_in};
use crate::failure::Failure;
use crate::oauth2_app::AuthenticatedClient;

/// An access token that works.
#[derive(Clone, Debug)]
pub struct Worth {
    /// The token and its user.
    pub credential: Credential,
    /// What it gives access to.
    pub access: Access,
    /// The client id of the app that holds it.
    pub client_id: String,
}

/// What the access token `token` is worth, if it works now. Refresh tokens, API keys and sessions are nobody's to introspect;
/// of a client that registered itself only its own tokens are, since anybody may register.
pub async fn introspect(
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Option<Worth>, Failure> {
    let Ok(presented) = PresentedApiKey::parse(token) else {
        return Ok(None);
    };
    let services = client.guest.services();
    let view = services.ledger().now().await?;
    let credential = Credential::find(&view, &presented.id).await?;
    let now = services.clock().now();
    let works = credential
        .filter(|credential| credential.hashed_secret == presented.hash)
        .filter(|credential| credential.expires_at > now)
        .filter(|credential| {
            let user = credential.account();
            user.is_some_and(|user| may_sign_in(user.status))
        });
    let Some((credential, access)) = works.and_then(|credential| {
        let access = credential.oauth2.clone()?;
        let may_ask =
            !client.client.thing.is_self_registered() || access.app_id == client.client.id;
        may_ask.then_some((credential, access))
    }) else {
        return Ok(None);
    };
    services
        .key_use()
        .used(&credential.key_id, credential.user.id, now);
    let app = view.state::<OAuth2App>(&access.app_id.to_string()).await?;
    let app = app.state.life.live();
    Ok(app.map(|app| Worth {
        client_id: app.client_id(access.app_id),
        credential,
        access,
    }))
}
