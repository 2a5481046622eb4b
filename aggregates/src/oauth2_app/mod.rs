//! OAuth2 apps (clients) and their secrets. Stream id: the app's UUID, which is its `client_id`.

mod command;
mod decide;
mod error;
mod event;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use command::{Command, CreateOAuth2App};
pub use error::Error;
pub use event::{ClientType, Event, TokenEndpointAuthMethod};

use crate::Recorded;
use crate::oauth2::secret_text::{HashedSecret, PrefixedSecret};

/// The state of an OAuth2 app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OAuth2App {
    /// Not created.
    #[default]
    Unknown,
    /// May be used.
    Live(LiveApp),
    /// Deleted for good.
    Deleted,
}

/// The state of an app that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveApp {
    /// Whether it can keep a secret.
    pub client_type: ClientType,
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
}

impl LiveApp {
    /// The secret of this app that `presented` is, if any.
    pub fn authenticate(&self, presented: &PrefixedSecret) -> Option<&AppSecret> {
        let secret = self
            .secrets
            .iter()
            .find(|secret| secret.secret_prefix == presented.prefix)?;
        (secret.hashed_secret == presented.hash).then_some(secret)
    }
}

impl Aggregate for OAuth2App {
    const TYPE: &'static str = "oauth2_app";
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
        let event = self.decide(command)?;
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        match (event, self) {
            (Event::OAuth2AppCreated { client_type, .. }, app) => {
                *app = Self::Live(LiveApp {
                    client_type,
                    secrets: Vec::new(),
                });
            }
            (Event::OAuth2AppDeleted {}, app) => *app = Self::Deleted,
            (
                Event::OAuth2AppSecretCreated {
                    secret_id,
                    secret_prefix,
                    hashed_secret,
                    ..
                },
                Self::Live(app),
            ) => {
                app.secrets.push(AppSecret {
                    secret_id,
                    secret_prefix,
                    hashed_secret,
                });
            }
            (Event::OAuth2AppSecretDeleted { secret_id }, Self::Live(app)) => {
                app.secrets.retain(|secret| secret.secret_id != secret_id);
            }
            // Updates change nothing that decides commands; secrets are recorded of live apps only.
            (
                Event::OAuth2AppUpdated { .. }
                | Event::OAuth2AppSecretCreated { .. }
                | Event::OAuth2AppSecretDeleted { .. },
                _,
            ) => {}
        }
    }
}

impl Recorded for OAuth2App {
    const SNAPSHOT_EVERY: Option<usize> = None;
    const SNAPSHOT_VERSION: u32 = 1;
}
