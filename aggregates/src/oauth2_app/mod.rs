//! OAuth2 apps (clients) and their secrets. Stream id: the app's UUID, which is its `client_id`.

pub(crate) mod audit;
mod command;
mod decide;
mod error;
mod event;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Command, CreateOAuth2App};
pub use error::Error;
pub use event::{ClientType, Event, TokenEndpointAuthMethod};

use crate::oauth2::secret_text::{HashedSecret, PrefixedSecret};
use crate::{Life, Noun};

/// An OAuth2 app that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2App {
    /// The name; need not be unique.
    pub name: String,
    /// Where answers go when the request names no redirect URI.
    pub callback_url: String,
    /// The URL or path of an image; may be empty.
    pub icon: String,
    /// Further redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it authenticates.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Whether authorization requests need a code challenge.
    pub require_pkce: bool,
    /// Whether a user may have several live grants for it.
    pub allow_multiple_grants: bool,
    /// Its secrets, in order of creation.
    pub secrets: Vec<AppSecret>,
}

/// What is kept of a client secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSecret {
    /// Its id.
    pub secret_id: Uuid,
    /// The part that finds it inside its app.
    pub secret_prefix: String,
    /// The hash of the secret part.
    pub hashed_secret: HashedSecret,
    /// The last 6 characters of the secret.
    pub display_secret: String,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

impl OAuth2App {
    /// The secret of this app that `presented` is, if any.
    pub fn authenticate(&self, presented: &PrefixedSecret) -> Option<&AppSecret> {
        let secret = self
            .secrets
            .iter()
            .find(|secret| secret.secret_prefix == presented.prefix)?;
        (secret.hashed_secret == presented.hash).then_some(secret)
    }
}

impl Noun for OAuth2App {
    const TYPE: &'static str = "oauth2_app";
    const STATE_VERSION: u32 = 2;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let event = match (state, command) {
            (Life::Unknown, Command::CreateOAuth2App(create)) => create.decide(),
            (Life::Live(app), command) => app.decide(command),
            (Life::Unknown | Life::Deleted, _) => Err(Error::NotFound),
        };
        Ok(vec![event?])
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, state) {
            (
                Event::Oauth2AppCreated {
                    name,
                    callback_url,
                    icon,
                    redirect_uris,
                    client_type,
                    token_endpoint_auth_method,
                    require_pkce,
                    allow_multiple_grants,
                },
                state,
            ) => {
                *state = Life::Live(Self {
                    name,
                    callback_url,
                    icon,
                    redirect_uris,
                    client_type,
                    token_endpoint_auth_method,
                    require_pkce,
                    allow_multiple_grants,
                    secrets: Vec::new(),
                });
            }
            (Event::Oauth2AppDeleted {}, state) => *state = Life::Deleted,
            (event, Life::Live(app)) => app.apply(event),
            (_, Life::Unknown | Life::Deleted) => {}
        }
    }
}

impl OAuth2App {
    fn apply(&mut self, change: Event) {
        match change {
            Event::Oauth2AppUpdated {
                name,
                callback_url,
                icon,
                redirect_uris,
            } => {
                self.name = name;
                self.callback_url = callback_url;
                self.icon = icon;
                self.redirect_uris = redirect_uris;
            }
            Event::Oauth2AppSecretCreated {
                secret_id,
                secret_prefix,
                hashed_secret,
                display_secret,
                created_at,
            } => self.secrets.push(AppSecret {
                secret_id,
                secret_prefix,
                hashed_secret,
                display_secret,
                created_at,
            }),
            Event::Oauth2AppSecretDeleted { secret_id } => {
                self.secrets.retain(|secret| secret.secret_id != secret_id);
            }
            // The beginning and the end are the noun's own.
            Event::Oauth2AppCreated { .. } | Event::Oauth2AppDeleted {} => {}
        }
    }
}
