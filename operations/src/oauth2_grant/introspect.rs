//! What an access token is worth (RFC 7662).

use chancery_aggregates::oauth2::secret_text::PresentedApiKey;

use crate::credential::{Access, Credential, may_sign_in};
use crate::failure::Failure;
use crate::oauth2_app::AuthenticatedClient;

/// The access token that `token` is, if it works now, with what it gives access to. Refresh tokens, API keys and sessions are
/// nobody's to introspect.
pub async fn introspect(
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Option<(Credential, Access)>, Failure> {
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
    Ok(works.and_then(|credential| {
        let access = credential.oauth2.clone()?;
        Some((credential, access))
    }))
}
