//! API keys: login sessions and API tokens. Stream id: the key's id (10 alphanumeric characters).

mod command;
mod error;
mod event;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Command, CreateApiKey};
pub use error::Error;
pub use event::{DeletionReason, Event, Origin, Scope};

use crate::{Recorded, UniqueKey};

/// The state of an API key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiKey {
    /// Not created.
    #[default]
    Unknown,
    /// May be used until it expires.
    Live {
        /// Whose key it is.
        user_id: Uuid,
        /// How it came to be.
        origin: Origin,
        /// The name of an API token; empty for a login session.
        token_name: String,
        /// From this time on the key is refused.
        expires_at: DateTime<Utc>,
    },
    /// Deleted for good.
    Deleted,
}

/// The unique key that a user's token of this name holds.
pub fn token_name_key(user_id: Uuid, token_name: &str) -> String {
    format!("token_name:{user_id}:{token_name}")
}

impl ApiKey {
    fn decide(&self, command: Command) -> Result<Option<Event>, Error> {
        match (self, command) {
            (Self::Unknown, Command::CreateApiKey(create)) => create.decide().map(Some),
            (Self::Live { .. } | Self::Deleted, Command::CreateApiKey(_)) => {
                Err(Error::AlreadyExists)
            }
            (
                Self::Unknown | Self::Deleted,
                Command::ExtendApiKey { .. }
                | Command::DeleteApiKey { .. }
                | Command::ClearApiKey { .. },
            ) => Err(Error::NotFound),
            (Self::Live { expires_at, .. }, Command::ClearApiKey { expired_before }) => {
                if *expires_at < expired_before {
                    self.decide(Command::DeleteApiKey {
                        reason: DeletionReason::Expired,
                    })
                } else {
                    Ok(None)
                }
            }
            (
                Self::Live {
                    origin, expires_at, ..
                },
                Command::ExtendApiKey {
                    expires_at: later,
                    now,
                },
            ) => {
                if *origin == Origin::Token {
                    Err(Error::NotExtendable)
                } else if now >= *expires_at {
                    Err(Error::Expired)
                } else {
                    // Two requests may extend at once: the later end counts.
                    Ok(
                        (later > *expires_at)
                            .then_some(Event::ApiKeyExtended { expires_at: later }),
                    )
                }
            }
            (
                Self::Live {
                    user_id,
                    token_name,
                    ..
                },
                Command::DeleteApiKey { reason },
            ) => Ok(Some(Event::ApiKeyDeleted {
                user_id: *user_id,
                token_name: token_name.clone(),
                reason,
            })),
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

impl Aggregate for ApiKey {
    const TYPE: &'static str = "api_key";
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
        if let Some(event) = self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::ApiKeyCreated {
                user_id,
                origin,
                token_name,
                expires_at,
                ..
            } => {
                *self = Self::Live {
                    user_id,
                    origin,
                    token_name,
                    expires_at,
                };
            }
            Event::ApiKeyExtended { expires_at: later } => {
                if let Self::Live { expires_at, .. } = self {
                    *expires_at = later;
                }
            }
            Event::ApiKeyDeleted { .. } => *self = Self::Deleted,
        }
    }
}

impl Recorded for ApiKey {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;

    fn unique_keys(_stream_id: &str, event: &Event) -> Vec<UniqueKey> {
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
