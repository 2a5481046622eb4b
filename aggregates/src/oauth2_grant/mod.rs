//! OAuth2 grants: one stream for each authorization, from the code to the last refresh. Stream id: 10 alphanumeric
//! characters, which are also the prefix of the code's and the refresh tokens' text.
//!
//! Single use of the code and of each refresh token is decided here, by one optimistic append: of two commands that
//! present the same code, one is decided again after the other's events, and finds the code used.

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

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;

pub use command::{Command, Exchange, IssueCode, Refresh};
pub use error::Error;
pub use event::Event;
pub use keys::{code_key, grant_key};
pub use outcome::{ExchangeOutcome, RefreshOutcome};
pub use reason::{ExchangeRefusal, RefreshRefusal, Refusal, RevocationReason, TokenRequest};
pub use refresh::REUSE_GRACE;
pub use refusal::MAX_REFUSALS;
pub use state::{Authorization, Generation, OAuth2Grant, RotatedToken, Stage};

use crate::oauth2::pkce;
use crate::{Recorded, UniqueKey};

impl OAuth2Grant {
    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        let Some(authorization) = &self.authorization else {
            return match command {
                Command::IssueCode(issue) => Ok(vec![issue.decide()]),
                Command::Exchange(_)
                | Command::Refresh(_)
                | Command::Refuse { .. }
                | Command::Revoke { .. } => Err(Error::NotFound),
            };
        };
        Ok(match command {
            Command::IssueCode(_) => return Err(Error::AlreadyIssued),
            Command::Exchange(exchange) => match self.judge_exchange(authorization, &exchange) {
                Ok(()) => vec![exchange.accept(authorization)],
                Err(reason) => self.refuse_exchange(authorization, reason),
            },
            Command::Refresh(refresh) => match self.judge_refresh(authorization, &refresh) {
                Ok(generation) => vec![refresh.accept(authorization, generation)],
                Err(refused) => self.refuse_refresh(authorization, refused),
            },
            Command::Refuse { request, reason } => self.refuse(authorization, request, reason),
            Command::Revoke { reason } if self.stage != Stage::Revoked => {
                vec![self.revoked(authorization, reason)]
            }
            Command::Revoke { .. } => Vec::new(),
        })
    }
}

impl IssueCode {
    fn decide(self) -> Event {
        Event::CodeIssued {
            app_id: self.app_id,
            user_id: self.user_id,
            hashed_code: self.hashed_code,
            redirect_uri: self.redirect_uri.map(|uri| uri.as_str().to_owned()),
            resource_uri: self.resource_uri.map(|uri| uri.as_str().to_owned()),
            code_challenge_method: self.code_challenge.is_some().then(|| pkce::S256.to_owned()),
            code_challenge: self
                .code_challenge
                .map(|challenge| challenge.as_str().to_owned()),
            scope: self.scope.as_str().to_owned(),
            state_hash: self.state_hash,
            exclusive: self.exclusive,
            code_expires_at: self.code_expires_at,
            issued_at: self.issued_at,
        }
    }
}

impl Aggregate for OAuth2Grant {
    const TYPE: &'static str = "oauth2_grant";
    type Command = Command;
    type Event = Event;
    type Error = Error;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Error> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.evolve(event);
    }
}

impl Recorded for OAuth2Grant {
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    const SNAPSHOT_VERSION: u32 = 1;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
        keys::of(event)
    }
}
