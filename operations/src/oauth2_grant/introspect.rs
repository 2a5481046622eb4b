//! What an access token is worth (RFC 7662).

use chancery_aggregates::oauth2::secret_text::PresentedApiKey;
use chancery_projections::credential::{Credential, OAuth2Grant};

use super::may_sign_in;
use crate::failure::Failure;
use crate::oauth2_app::AuthenticatedClient;
use crate::secret;

/// The access token that `token` is, if it works now, with its grant. Refresh tokens, API keys and sessions are nobody's to
/// introspect.
pub async fn introspect(
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Option<(Credential, OAuth2Grant)>, Failure> {
    let Ok(presented) = PresentedApiKey::parse(token) else {
        return Ok(None);
    };
    let services = client.guest.services();
    let credential = services.readers().credential(&presented.id).await?;
    let now = services.clock().now();
    let works = credential
        .filter(|credential| secret::equal(&credential.hashed_secret, presented.hash.as_str()))
        .filter(|credential| credential.expires_at > now && may_sign_in(&credential.user.status));
    Ok(works.and_then(|credential| {
        let grant = credential.oauth2.clone()?;
        Some((credential, grant))
    }))
}
