//! What the two ways to get tokens share. The grant's aggregate decides; its events are the outcome, refusals among them.

use chancery_aggregates::Life;
use chancery_aggregates::oauth2_grant::{
    Command, Event, OAuth2Grant, Refusal, TokenRequest as Kind,
};
use chancery_ledger::Executed;
use chrono::{DateTime, Utc};

use super::{Grant, may_sign_in};
use crate::Services;
use crate::failure::Failure;
use crate::leave::Leave;
use crate::oauth2_app::AuthenticatedClient;
use crate::policy::{Action, PublicOperation};
use crate::secret::{NewApiKey, NewPrefixedSecret, Secret};

/// Why no tokens are given.
#[derive(Debug, thiserror::Error)]
pub enum TokenFailure {
    /// The code, the token or what goes with it is refused, which is recorded.
    #[error("{0}")]
    Refused(Refused),
    /// Something else.
    #[error(transparent)]
    Failure(Failure),
}

/// What is wrong with a request for tokens. What is wrong with a code or token itself is not told apart: that would help a guesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The code is unknown, wrong, expired, used, or another client's.
    #[error("the authorization code is invalid or expired")]
    Code,
    /// The PKCE verifier is missing or does not match the challenge.
    #[error("the PKCE code verifier is invalid")]
    Verifier,
    /// The redirect URI differs from the one of the authorization request.
    #[error("the redirect URI does not match the authorization request")]
    RedirectUri,
    /// The resource is malformed, or differs from the authorized one.
    #[error("the resource is invalid")]
    Target,
    /// The refresh token is unknown, wrong, expired, rotated away, or another client's.
    #[error("the refresh token is invalid or expired")]
    RefreshToken,
}

impl From<Refused> for TokenFailure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for TokenFailure {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Tokens that work.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// Exchanged for the next pair; it works once.
    pub refresh_token: Secret,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// The scope that was granted; empty when none was asked for.
    pub scope: String,
}

/// Tokens that become valid when the grant accepts them.
pub(super) struct NewTokens {
    pub access_token: NewApiKey,
    pub refresh_token: NewPrefixedSecret,
    pub expires_in: i64,
    pub access_token_expires_at: DateTime<Utc>,
    pub refresh_token_expires_at: DateTime<Utc>,
}

/// A request of an app for tokens of one grant.
pub(super) struct TokenRequest<'a> {
    pub from: &'a AuthenticatedClient,
    pub grant: Grant,
    pub kind: Kind,
}

impl TokenRequest<'_> {
    /// The app's leave to use the grant: what it shows is the proof.
    pub fn leave(&self) -> Leave<'_, Grant> {
        let author = self.from.guest.as_actor(self.from.actor());
        let operation = PublicOperation::TokenEndpoint;
        Leave::public(operation, author, Action::Update, &self.grant)
    }

    pub fn services(&self) -> &Services {
        self.from.guest.services()
    }

    /// Draws tokens for the grant.
    pub fn new_tokens(&self, now: DateTime<Utc>) -> Result<NewTokens, Failure> {
        let randomness = self.services().randomness();
        let lifetimes = self.services().settings().lifetimes;
        let (expires_in, access_token_expires_at) = Services::expiry(lifetimes.access_token, now)?;
        let (_, refresh_token_expires_at) = Services::expiry(lifetimes.refresh_token, now)?;
        Ok(NewTokens {
            access_token: NewApiKey::generate(&randomness),
            refresh_token: NewPrefixedSecret::generate(&*self.grant.id, &randomness),
            expires_in,
            access_token_expires_at,
            refresh_token_expires_at,
        })
    }

    /// Carries out a command on the grant. None: there is no such grant, or a later one of the user and app took its place, which is
    /// recorded.
    pub async fn execute(
        &self,
        leave: &Leave<'_, Grant>,
        command: Command,
    ) -> Result<Option<Executed<OAuth2Grant>>, Failure> {
        let executed = match leave.record_unseen(command).await {
            Ok(executed) => executed,
            Err(Failure::NotFound) => return Ok(None),
            Err(Failure::KeyNotHeld(_)) => {
                self.refuse(Refusal::Superseded).await?;
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        };
        settle(leave, &executed).await?;
        Ok(Some(executed))
    }

    async fn refuse(&self, reason: Refusal) -> Result<(), Failure> {
        let (leave, request) = (self.leave(), self.kind);
        let refused = leave.record_unseen(Command::Refuse { request, reason });
        settle(&leave, &refused.await?).await
    }

    /// Refuses, and records it, when the user of a grant may not sign in. The user of a grant never changes.
    pub async fn user_may_sign_in(&self) -> Result<bool, Failure> {
        let ledger = self.services().ledger();
        let (grant, _) = ledger.recall::<OAuth2Grant>(&self.grant.id).await?;
        let Some(grant) = grant.live() else {
            // Nobody's: the command on it will say so.
            return Ok(true);
        };
        let readers = self.services().readers();
        let status = readers.user_status(grant.authorization.user_id).await?;
        if status.is_some_and(|status| may_sign_in(&status)) {
            return Ok(true);
        }
        self.refuse(Refusal::UserInactive).await?;
        Ok(false)
    }

    /// Gives accepted tokens out once they work everywhere.
    pub async fn give(
        &self,
        leave: &Leave<'_, Grant>,
        executed: &Executed<OAuth2Grant>,
        tokens: NewTokens,
    ) -> Result<Tokens, Failure> {
        leave.wait_until_shown(executed.position).await?;
        Ok(Tokens {
            access_token: tokens.access_token.text,
            refresh_token: tokens.refresh_token.text,
            expires_in: tokens.expires_in,
            expires_at: tokens.access_token_expires_at,
            scope: granted_scope(&executed.state),
        })
    }
}

/// The scope that the user allowed; empty when none was asked for.
fn granted_scope(grant: &Life<OAuth2Grant>) -> String {
    let grant = grant.live();
    grant.map_or_else(String::new, |grant| grant.authorization.scope.clone())
}

/// Waits until a revocation among the events shows: when a refusal ends the grant, its tokens are dead before the answer.
async fn settle(leave: &Leave<'_, Grant>, executed: &Executed<OAuth2Grant>) -> Result<(), Failure> {
    let is_revoked = |event: &Event| matches!(event, Event::GrantRevoked { .. });
    if executed.events.iter().any(is_revoked) {
        leave.wait_until_shown(executed.position).await?;
    }
    Ok(())
}
