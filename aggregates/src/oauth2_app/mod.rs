//! OAuth2 apps (clients) and their secrets. Stream id: the app's UUID, which is its `client_id`.

pub(crate) mod audit;
mod error;
mod registration;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use error::Error;
pub use registration::{NewRegistration, RegisteredBy, Registration, RegistrationChange};

use crate::name::Name;
use crate::oauth2::client_metadata::ClientMetadata;
use crate::oauth2::redirect_uri::RedirectUri;
use crate::oauth2::secret_text::{HashedSecret, PrefixedSecret};
use crate::text::FreeText;
use crate::{Id, Life, Noun};

/// An app's id, which is its `client_id`.
pub type OAuth2AppId = Id<OAuth2App>;

/// A client secret's id.
pub type AppSecretId = Id<AppSecret>;

/// Whether a client can keep a secret (RFC 6749 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientType {
    /// It can, and authenticates with one.
    Confidential,
    /// It cannot.
    Public,
}

/// How a client authenticates at the token endpoint (RFC 7591 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuthMethod {
    /// By HTTP Basic.
    ClientSecretBasic,
    /// By form parameters.
    ClientSecretPost,
    /// Not at all: a public client.
    None,
}

/// What may be changed of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The name; need not be unique.
    pub name: Name,
    /// Where answers go when the request names no redirect URI.
    pub callback_url: RedirectUri,
    /// The URL or path of an image; may be empty.
    pub icon: FreeText,
    /// Further redirect URIs.
    pub redirect_uris: Vec<RedirectUri>,
}

/// An OAuth2 app that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2App {
    /// What may be changed of it.
    #[serde(flatten)]
    pub settings: Settings,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it authenticates: `none` for a public client, and for that alone.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Whether authorization requests need a code challenge; always so for public clients.
    pub require_pkce: bool,
    /// Whether a user may have several live grants for it.
    pub allow_multiple_grants: bool,
    /// What it said of itself when it made itself; `None`: an administrator made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Its secrets, in order of creation; a new app has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<AppSecret>,
}

/// What is kept of a client secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSecret {
    /// Its id.
    pub secret_id: AppSecretId,
    /// The part that finds it inside its app: 10 alphanumeric characters.
    pub secret_prefix: String,
    /// The hash of the secret part.
    pub hashed_secret: HashedSecret,
    /// The last 6 characters of the secret.
    pub display_secret: String,
    /// The time of creation.
    pub created_at: DateTime<Utc>,
}

/// What can be asked of an OAuth2 app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Creates the app, without secrets.
    CreateOAuth2App(OAuth2App),
    /// Creates an app that comes by itself.
    RegisterOAuth2App(NewRegistration),
    /// Replaces what an app that came by itself says of itself.
    ChangeOAuth2AppRegistration(ClientMetadata),
    /// Replaces what may change. Nothing is revoked by it.
    UpdateOAuth2App(Settings),
    /// Deletes the app for good, with its secrets, codes and tokens.
    DeleteOAuth2App,
    /// Adds a client secret.
    CreateOAuth2AppSecret(AppSecret),
    /// Deletes a client secret, with the codes and tokens issued by it.
    DeleteOAuth2AppSecret {
        /// Its id.
        secret_id: AppSecretId,
    },
}

/// What happened to an OAuth2 app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// The app was created.
    Oauth2AppCreated(OAuth2App),
    /// The app created itself.
    Oauth2AppRegistered(OAuth2App),
    /// What an app that created itself says of itself was replaced.
    Oauth2AppRegistrationChanged(RegistrationChange),
    /// What may change was replaced.
    Oauth2AppUpdated(Settings),
    /// The app was deleted for good.
    Oauth2AppDeleted {},
    /// A client secret was added.
    Oauth2AppSecretCreated(AppSecret),
    /// A client secret was deleted.
    Oauth2AppSecretDeleted {
        /// Its id.
        secret_id: AppSecretId,
    },
}

impl OAuth2App {
    /// Whether it has no secret to authenticate with.
    pub fn is_public(&self) -> bool {
        self.client_type == ClientType::Public
    }

    /// Whether a secret is the app's still; `None`, which a public client shows, always is.
    pub fn has_secret(&self, secret_id: Option<AppSecretId>) -> bool {
        secret_id.is_none_or(|id| self.secrets.iter().any(|secret| secret.secret_id == id))
    }

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
    const STATE_VERSION: u32 = 3;
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        match (state, command) {
            (Life::Unknown, Command::CreateOAuth2App(app)) => Ok(vec![app.begin()?]),
            (Life::Unknown, Command::RegisterOAuth2App(new)) => new.begin(),
            (Life::Live(app), command) => app.decide(command),
            (Life::Unknown | Life::Deleted, _) => Err(Error::NotFound),
        }
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        match (event, &mut *state) {
            (Event::Oauth2AppCreated(app) | Event::Oauth2AppRegistered(app), _) => {
                *state = Life::Live(app);
            }
            (Event::Oauth2AppRegistrationChanged(change), Life::Live(app)) => {
                app.take_registration(change);
            }
            (Event::Oauth2AppDeleted {}, _) => *state = Life::Deleted,
            (Event::Oauth2AppUpdated(settings), Life::Live(app)) => app.settings = settings,
            (Event::Oauth2AppSecretCreated(secret), Life::Live(app)) => app.secrets.push(secret),
            (Event::Oauth2AppSecretDeleted { secret_id }, Life::Live(app)) => {
                app.secrets.retain(|secret| secret.secret_id != secret_id);
            }
            (_, Life::Unknown | Life::Deleted) => {}
        }
    }

    fn name_key(&self) -> Option<String> {
        Some(self.settings.name.as_str().to_lowercase())
    }
}

impl OAuth2App {
    fn begin(self) -> Result<Event, Error> {
        let has_secret = self.token_endpoint_auth_method != TokenEndpointAuthMethod::None;
        if has_secret == self.is_public() {
            return Err(Error::AuthMethodDoesNotFitClientType);
        }
        self.settings.check(self.client_type)?;
        Ok(Event::Oauth2AppCreated(Self {
            // Without a secret, PKCE is all that ties a code to its client.
            require_pkce: self.require_pkce || self.is_public(),
            secrets: Vec::new(),
            ..self
        }))
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        let event = match command {
            Command::ChangeOAuth2AppRegistration(metadata) => {
                return self.change_registration(metadata);
            }
            Command::CreateOAuth2App(_) | Command::RegisterOAuth2App(_) => {
                Err(Error::AlreadyExists)
            }
            // Whatever an administrator wrote would be gone with the app's next word about itself.
            Command::UpdateOAuth2App(_) if self.is_self_registered() => Err(Error::SelfRegistered),
            Command::UpdateOAuth2App(settings) => {
                settings.check(self.client_type)?;
                Ok(Event::Oauth2AppUpdated(settings))
            }
            Command::DeleteOAuth2App => Ok(Event::Oauth2AppDeleted {}),
            Command::CreateOAuth2AppSecret(_) if self.is_public() => {
                Err(Error::PublicClientHasNoSecret)
            }
            Command::CreateOAuth2AppSecret(new) => {
                let taken = self.secrets.iter().any(|secret| {
                    secret.secret_id == new.secret_id || secret.secret_prefix == new.secret_prefix
                });
                if taken {
                    return Err(Error::SecretExists);
                }
                Ok(Event::Oauth2AppSecretCreated(new))
            }
            Command::DeleteOAuth2AppSecret { secret_id } if self.has_secret(Some(secret_id)) => {
                Ok(Event::Oauth2AppSecretDeleted { secret_id })
            }
            Command::DeleteOAuth2AppSecret { .. } => Err(Error::SecretNotFound),
        };
        Ok(vec![event?])
    }
}

impl Settings {
    /// Private-use schemes can be claimed by any program on the user's machine: only public clients, whose codes PKCE
    /// protects, may use them (docs/contract/oauth2.md 9.2).
    fn check(&self, client_type: ClientType) -> Result<(), Error> {
        let all_http =
            self.callback_url.is_http() && self.redirect_uris.iter().all(RedirectUri::is_http);
        if client_type == ClientType::Confidential && !all_http {
            return Err(Error::PrivateSchemeNeedsPublicClient);
        }
        Ok(())
    }
}
