//! API keys: login sessions and API tokens. Stream id: the key's id (10 alphanumeric characters).

pub(crate) mod audit;
mod error;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

pub use error::Error;

use crate::login_type::LoginType;
use crate::name::TokenName;
use crate::oauth2::secret_text::HashedSecret;
use crate::user::UserId;
use crate::{Life, Noun, UniqueKey};

/// How an API key came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// By signing in: a session, which use prolongs.
    Login,
    /// By request: an API token of a fixed lifetime.
    Token,
}

/// What an API key may do (docs/contract/core.md 3.5).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Everything its user may do.
    #[default]
    All,
    /// Connect to workspace applications.
    ApplicationConnect,
}

/// Why an API key was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionReason {
    /// The user signed out.
    Logout,
    /// By request.
    Deleted,
    /// The user's password changed.
    PasswordChanged,
    /// The user was suspended.
    UserSuspended,
    /// The user was deleted.
    UserDeleted,
    /// It had expired long before.
    Expired,
}

/// An API key that may be used until it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Whose key it is.
    pub user_id: UserId,
    /// The [generation](crate::user::User::credential_generation) of its user's credentials: in a later one it is refused.
    pub credential_generation: u32,
    /// How it came to be.
    pub origin: Origin,
    /// How the user signed in.
    pub login_type: LoginType,
    /// What it may do.
    pub scope: Scope,
    /// The name of an API token; empty for a login session.
    pub token_name: TokenName,
    /// The hash of its secret part.
    pub hashed_secret: HashedSecret,
    /// The lifetime in seconds that it was made with, and that a session's use renews.
    pub lifetime_seconds: i64,
    /// From this time on it is refused.
    pub expires_at: DateTime<Utc>,
}

/// What can be asked of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates the key.
    CreateApiKey(ApiKey),
    /// Pushes the end of a login session forward (docs/contract/core.md 3.2); an end that is not later changes nothing.
    ExtendApiKey {
        /// The new end.
        expires_at: DateTime<Utc>,
        /// The time of the request.
        now: DateTime<Utc>,
    },
    /// Deletes the key for good.
    DeleteApiKey {
        /// Why.
        reason: DeletionReason,
    },
    /// Deletes a key that expired before a time; one that did not stays as it is.
    ClearApiKey {
        /// The time.
        expired_before: DateTime<Utc>,
    },
}

/// What happened to an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The key was created.
    ApiKeyCreated(ApiKey),
    /// The end of a login session was pushed forward.
    ApiKeyExtended {
        /// The new end.
        expires_at: DateTime<Utc>,
    },
    /// The key was deleted for good.
    ApiKeyDeleted {
        /// Whose key it was.
        user_id: UserId,
        /// The name of an API token, which is free again; empty for a login session.
        token_name: TokenName,
        /// Why.
        reason: DeletionReason,
    },
}

impl Noun for ApiKey {
    const TYPE: &'static str = "api_key";
    const STATE_VERSION: u32 = 3;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let present = || state.live().ok_or(Error::NotFound);
        let event = match command {
            Command::CreateApiKey(key) => {
                state.must_be_new(Error::AlreadyExists)?;
                Some(key.begin()?)
            }
            Command::ExtendApiKey { expires_at, now } => present()?.extended(expires_at, now)?,
            Command::DeleteApiKey { reason } => Some(present()?.deleted(reason)),
            Command::ClearApiKey { expired_before } => {
                let key = present()?;
                (key.expires_at < expired_before).then(|| key.deleted(DeletionReason::Expired))
            }
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, &mut *state) {
            (Event::ApiKeyCreated(key), _) => *state = Life::Live(key),
            (Event::ApiKeyExtended { expires_at }, Life::Live(key)) => key.expires_at = expires_at,
            (Event::ApiKeyExtended { .. }, Life::Unknown | Life::Deleted) => {}
            (Event::ApiKeyDeleted { .. }, _) => *state = Life::Deleted,
        }
    }

    fn keys(_id: &str, event: &Event) -> Vec<UniqueKey> {
        let (change, user_id, name): (fn(String) -> UniqueKey, _, _) = match event {
            Event::ApiKeyCreated(key) => (UniqueKey::Take, key.user_id, key.token_name.as_str()),
            Event::ApiKeyDeleted {
                user_id,
                token_name,
                ..
            } => (UniqueKey::Free, *user_id, token_name.as_str()),
            Event::ApiKeyExtended { .. } => return Vec::new(),
        };
        let key = (!name.is_empty()).then(|| change(format!("token_name:{user_id}:{name}")));
        key.into_iter().collect()
    }

    fn owner_id(&self) -> Option<Uuid> {
        Some(self.user_id.uuid())
    }

    fn name_key(&self) -> Option<String> {
        Some(self.token_name.as_str().to_owned())
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        Some(self.expires_at)
    }
}

impl ApiKey {
    fn begin(self) -> Result<Event, Error> {
        if self.lifetime_seconds <= 0 {
            return Err(Error::LifetimeNotPositive);
        }
        let is_named = !self.token_name.as_str().is_empty();
        if (self.origin == Origin::Token) != is_named {
            return Err(Error::NameDoesNotFitOrigin);
        }
        Ok(Event::ApiKeyCreated(self))
    }

    fn extended(
        &self,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<Event>, Error> {
        if self.origin == Origin::Token {
            return Err(Error::NotExtendable);
        }
        if now >= self.expires_at {
            return Err(Error::Expired);
        }
        // Two requests may extend at once: the later end counts.
        Ok((expires_at > self.expires_at).then_some(Event::ApiKeyExtended { expires_at }))
    }

    fn deleted(&self, reason: DeletionReason) -> Event {
        Event::ApiKeyDeleted {
            user_id: self.user_id,
            token_name: self.token_name.clone(),
            reason,
        }
    }
}
