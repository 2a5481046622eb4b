//! An app ends a grant by one of its tokens (RFC 7009, contract oauth2 12).

use chancery_aggregates::oauth2::secret_text::{PrefixedSecret, PresentedApiKey};
use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant, RevocationReason};

use super::Grant;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::oauth2_app::AuthenticatedClient;
use crate::policy::{Action, PublicOperation};
use crate::secret;

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
    leave.record(Command::Revoke { reason }).await?;
    Ok(())
}

/// The app's grant whose present token `token` is.
async fn grant_of(
    client: &AuthenticatedClient,
    token: RevokedToken,
) -> Result<Option<String>, Failure> {
    let services = client.guest.services();
    let app_id = client.client.id;
    match token {
        RevokedToken::Refresh(presented) => {
            let ledger = services.ledger();
            let (grant, _) = ledger.load::<OAuth2Grant>(&presented.prefix).await?;
            let is_its_token = |grant: &OAuth2Grant| {
                let present = grant.generation.as_ref();
                grant.authorization.app_id == app_id
                    && present.is_some_and(|present| present.hashed_refresh_token == presented.hash)
            };
            Ok(grant
                .live()
                .is_some_and(is_its_token)
                .then_some(presented.prefix))
        }
        RevokedToken::Access(presented) => {
            let credential = services.readers().credential(&presented.id).await?;
            Ok(credential
                .filter(|credential| {
                    secret::equal(&credential.hashed_secret, presented.hash.as_str())
                })
                .and_then(|credential| credential.oauth2)
                .filter(|grant| grant.app_id == app_id)
                .map(|grant| grant.grant_id))
        }
    }
}
