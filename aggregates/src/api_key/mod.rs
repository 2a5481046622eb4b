//! API keys: login sessions and API tokens. Stream id: the key's id (10 alphanumeric characters).

pub(crate) mod audit;
mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Command, CreateApiKey};
pub use error::Error;
pub use event::{DeletionReason, Event, Origin, Scope};

use crate::login_type::LoginType;
use crate::oauth2::secret_text::HashedSecret;
use crate::{Life, Noun, UniqueKey};

/// An API key that may be used until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Whose key it is.
    pub user_id: Uuid,
    /// The user's credential generation when it was made: in a later one the key is refused.
    pub credential_generation: u32,
    /// How it came to be.
    pub origin: Origin,
    /// How the user signed in.
    pub login_type: LoginType,
    /// What the key may do.
    pub scope: Scope,
    /// The name of an API token; empty for a login session.
    pub token_name: String,
    /// The hash of the key's secret part.
    pub hashed_secret: HashedSecret,
    /// The lifetime in seconds that the key was made with.
    pub lifetime_seconds: i64,
    /// From this time on the key is refused.
    pub expires_at: DateTime<Utc>,
}

/// The unique key that a user's token of this name holds.
pub fn token_name_key(user_id: Uuid, token_name: &str) -> String {
    format!("token_name:{user_id}:{token_name}")
}

impl Noun for ApiKey {
    const TYPE: &'static str = "api_key";
    const STATE_VERSION: u32 = 3;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let event = match command {
            Command::CreateApiKey(create) => {
                state.must_be_new(Error::AlreadyExists)?;
                Some(create.decide()?)
            }
            command => state.live().ok_or(Error::NotFound)?.decide(&command)?,
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match event {
            Event::ApiKeyCreated {
                user_id,
                credential_generation,
                origin,
                login_type,
                scope,
                token_name,
                hashed_secret,
                lifetime_seconds,
                expires_at,
            } => {
                *state = Life::Live(Self {
                    user_id,
                    credential_generation,
                    origin,
                    login_type,
                    scope,
                    token_name,
                    hashed_secret,
                    lifetime_seconds,
                    expires_at,
                });
            }
            Event::ApiKeyExtended { expires_at } => {
                if let Some(key) = state.live_mut() {
                    key.expires_at = expires_at;
                }
            }
            Event::ApiKeyDeleted { .. } => *state = Life::Deleted,
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        match event {
            Event::ApiKeyCreated {
                user_id,
                token_name,
                ..
            } if !token_name.is_empty() => {
                vec![UniqueKey::Take(token_name_key(*user_id, token_name))]
            }
            Event::ApiKeyDeleted {
                user_id,
                token_name,
                ..
            } if !token_name.is_empty() => {
                vec![UniqueKey::Free(token_name_key(*user_id, token_name))]
            }
            Event::ApiKeyCreated { .. }
            | Event::ApiKeyExtended { .. }
            | Event::ApiKeyDeleted { .. } => Vec::new(),
        }
    }
}

impl ApiKey {
    fn decide(&self, command: &Command) -> Result<Option<Event>, Error> {
        match *command {
            Command::CreateApiKey(_) => Err(Error::AlreadyExists),
            Command::ExtendApiKey { .. } if self.origin == Origin::Token => {
                Err(Error::NotExtendable)
            }
            Command::ExtendApiKey { now, .. } if now >= self.expires_at => Err(Error::Expired),
            // Two requests may extend at once: the later end counts.
            Command::ExtendApiKey { expires_at, .. } => {
                Ok((expires_at > self.expires_at).then_some(Event::ApiKeyExtended { expires_at }))
            }
            Command::DeleteApiKey { reason } => Ok(Some(self.deleted(reason))),
            Command::ClearApiKey { expired_before } => {
                Ok((self.expires_at < expired_before)
                    .then(|| self.deleted(DeletionReason::Expired)))
            }
        }
    }

    fn deleted(&self, reason: DeletionReason) -> Event {
        Event::ApiKeyDeleted {
            user_id: self.user_id,
            token_name: self.token_name.clone(),
            reason,
        }
    }
}

impl CreateApiKey {
    fn decide(self) -> Result<Event, Error> {
        if self.lifetime_seconds <= 0 {
            return Err(Error::LifetimeNotPositive);
        }
        if (self.origin == Origin::Token) != self.token_name.is_some() {
            return Err(Error::NameDoesNotFitOrigin);
        }
        Ok(Event::ApiKeyCreated {
            user_id: self.user_id,
            credential_generation: self.credential_generation,
            origin: self.origin,
            login_type: self.login_type,
            scope: self.scope,
            token_name: self
                .token_name
                .map_or_else(String::new, |name| name.as_str().to_owned()),
            hashed_secret: self.hashed_secret,
            lifetime_seconds: self.lifetime_seconds,
            expires_at: self.expires_at,
        })
    }
}
