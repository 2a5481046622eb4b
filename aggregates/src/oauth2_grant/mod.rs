//! OAuth2 grants: one stream for each authorization, from the code to the last refresh. Stream id: 10 alphanumeric
//! characters, which are also the prefix of the code's and the refresh tokens' text.
//!
//! Single use of the code and of each refresh token is decided here, by one optimistic append: of two commands that
//! present the same code, one is decided again after the other's events, and finds the code used.

mod audit;
mod command;
mod error;
mod event;
mod exchange;
mod keys;
mod outcome;
mod reason;
mod refresh;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod upcast;

pub use command::{Command, Exchange, IssueCode, Refresh};
pub use error::Error;
pub use event::Event;
pub use keys::{Exclusive, Place};
pub use outcome::{ExchangeOutcome, RefreshOutcome};
pub use reason::{ExchangeRefusal, RefreshRefusal, Refusal, RevocationReason, TokenRequest};
pub use refresh::REUSE_GRACE;
pub use refusal::MAX_REFUSALS;
pub use state::{Authorization, Generation, OAuth2Grant, RotatedToken, Stage};

use cqrs_es::persist::EventUpcaster;

use crate::oauth2::pkce;
use crate::oauth2::resource::Resource;
use crate::{Life, Noun, UniqueKey};

impl Noun for OAuth2Grant {
    const TYPE: &'static str = "oauth2_grant";
    const STATE_VERSION: u32 = 3;
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match (state.live(), command) {
            (None, Command::IssueCode(issue)) => Ok(vec![issue.decide()]),
            (Some(_), Command::IssueCode(_)) => Err(Error::AlreadyIssued),
            (Some(grant), command) => Ok(grant.decide(command)),
            (None, _) => Err(Error::NotFound),
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
            (
                Event::CodeIssued {
                    app_id,
                    user_id,
                    credential_generation,
                    hashed_code,
                    redirect_uri,
                    resource_uri,
                    code_challenge,
                    code_challenge_method: _,
                    scope,
                    state_hash,
                    exclusive,
                    code_expires_at,
                    issued_at,
                },
                state,
            ) => {
                *state = Life::Live(Self::new(Authorization {
                    app_id,
                    user_id,
                    credential_generation,
                    hashed_code,
                    redirect_uri,
                    resource_uri,
                    code_challenge,
                    scope,
                    state_hash,
                    exclusive,
                    code_expires_at,
                    issued_at,
                }));
            }
            (event, Life::Live(grant)) => grant.apply(event),
            (_, Life::Unknown | Life::Deleted) => {}
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        keys::of(event)
    }

    fn event_version(event: &Event) -> &'static str {
        match event {
            Event::CodeIssued { .. }
            | Event::CodeExchanged { .. }
            | Event::TokenRefreshed { .. }
            | Event::GrantRevoked { .. } => "2.0",
            Event::ExchangeRefused { .. } | Event::RefreshRefused { .. } => "1.0",
        }
    }

    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        upcast::upcasters()
    }
}

impl OAuth2Grant {
    fn decide(&self, command: Command) -> Vec<Event> {
        match command {
            Command::Exchange(exchange) => match self.judge_exchange(&exchange) {
                Ok(()) => vec![exchange.accept(&self.authorization)],
                Err(reason) => self.refuse_exchange(reason),
            },
            Command::Refresh(refresh) => match self.judge_refresh(&refresh) {
                Ok(()) => vec![refresh.accept(&self.authorization)],
                Err(refused) => self.refuse_refresh(refused),
            },
            Command::Refuse { request, reason } => self.refuse(request, reason),
            Command::Revoke { reason } if self.stage != Stage::Revoked => {
                vec![self.revoked(reason)]
            }
            Command::IssueCode(_) | Command::Revoke { .. } => Vec::new(),
        }
    }
}

impl IssueCode {
    fn decide(self) -> Event {
        let resource = self.resource_uri.as_ref().map(Resource::as_str);
        let exclusive = if self.exclusive {
            Exclusive::of_request(resource)
        } else {
            Exclusive::No
        };
        Event::CodeIssued {
            app_id: self.app_id,
            user_id: self.user_id,
            credential_generation: self.credential_generation,
            hashed_code: self.hashed_code,
            redirect_uri: self.redirect_uri.map(|uri| uri.as_str().to_owned()),
            resource_uri: self.resource_uri.map(|uri| uri.as_str().to_owned()),
            code_challenge_method: self.code_challenge.is_some().then(|| pkce::S256.to_owned()),
            code_challenge: self
                .code_challenge
                .map(|challenge| challenge.as_str().to_owned()),
            scope: self.scope.as_str().to_owned(),
            state_hash: self.state_hash,
            exclusive,
            code_expires_at: self.code_expires_at,
            issued_at: self.issued_at,
        }
    }
}
