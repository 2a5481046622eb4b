//! An app ends a grant by one of its tokens (RFC 7009, docs/contract/oauth2.md 12).

use chancery_aggregates::oauth2::secret_text::{PrefixedSecret, PresentedApiKey};
use chancery_aggregates::oauth2_grant::{Command, Generation, OAuth2Grant, RevocationReason};

use super::Grant;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::oauth2_app::AuthenticatedClient;
use crate::policy::{Action, PublicOperation};

/// A token that is to end.
#[derive(Clone, Debug)]
pub enum RevokedToken {
    /// A refresh token.
    Refresh(PrefixedSecret),
    /// An access token.
    Access(PresentedApiKey),
}

/// Ends the grant of a token: access and refresh token both die. What is no token of the app ends nothing, and is no failure.
pub async fn revoke(client: &AuthenticatedClient, token: RevokedToken) -> Result<(), Failure> {
    let Some(grant_id) = grant_of(client, token).await? else {
        return Ok(());
    };
    let author = client.guest.as_actor(client.actor());
    let grant = Grant::shown(&grant_id);
    let operation = PublicOperation::TokenEndpoint;
    let leave = Leave::public(operation, author, Action::Delete, &grant);
    let reason = RevocationReason::TokenRevoked;
    // Whoever shows the token next looks at the log, so nobody waits for read models.
    leave.record_unseen(Command::Revoke { reason }).await?;
    Ok(())
}

/// Whether the token shown is one of these.
type Check = Box<dyn Fn(&Generation) -> bool + Send>;

/// The app's grant whose present token `token` is. That there is none is so now.
async fn grant_of(
    client: &AuthenticatedClient,
    token: RevokedToken,
) -> Result<Option<String>, Failure> {
    let (id, is_present): (_, Check) = match token {
        RevokedToken::Refresh(shown) => (
            shown.prefix,
            Box::new(move |tokens| tokens.hashed_refresh_token == shown.hash),
        ),
        RevokedToken::Access(shown) => (
            shown.id,
            Box::new(move |tokens| tokens.hashed_secret == shown.hash),
        ),
    };
    let view = client.guest.services().ledger().now().await?;
    let seen = view.state::<OAuth2Grant>(&id).await?;
    let is_its_token = |grant: &OAuth2Grant| {
        grant.authorization.app_id == client.client.id
            && grant.generation.as_ref().is_some_and(is_present)
    };
    let grant = seen.state.life.live();
    Ok(grant.is_some_and(is_its_token).then_some(id))
}
