//! What holds for every OAuth2 client of the deployment. Stream id: the deployment's id.

mod audit;
mod domain;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use domain::Domain;

use crate::{Life, Noun};

/// The settings as they were set last. Before that the default is in force: documents of every domain, no registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2Settings {
    /// Whether clients may register themselves (RFC 7591).
    pub dynamic_client_registration_enabled: bool,
    /// Whether a client's id may be the URL of its metadata document.
    pub client_metadata_documents_enabled: bool,
    /// Where such documents may be; empty: anywhere.
    pub client_metadata_document_domains: Vec<Domain>,
}

impl Default for OAuth2Settings {
    fn default() -> Self {
        Self {
            dynamic_client_registration_enabled: false,
            client_metadata_documents_enabled: true,
            client_metadata_document_domains: Vec::new(),
        }
    }
}

/// What can be asked of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Replaces them.
    ChangeOAuth2Settings(OAuth2Settings),
}

/// What happened to the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// They were replaced.
    Oauth2SettingsChanged(OAuth2Settings),
}

impl OAuth2Settings {
    /// Whether clients may have their document at `host`, which is in ASCII and lower case.
    pub fn trusts_documents_of(&self, host: &str) -> bool {
        let domains = &self.client_metadata_document_domains;
        self.client_metadata_documents_enabled
            && (domains.is_empty() || domains.iter().any(|domain| domain.contains(host)))
    }
}

impl Noun for OAuth2Settings {
    const TYPE: &'static str = "oauth2_settings";
    const STATE_VERSION: u32 = 1;
    type Command = Command;
    type Event = Event;
    type Error = Infallible;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Infallible> {
        let Command::ChangeOAuth2Settings(settings) = command;
        let present = state.live().cloned().unwrap_or_default();
        Ok(if settings == present {
            Vec::new()
        } else {
            vec![Event::Oauth2SettingsChanged(settings)]
        })
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        let Event::Oauth2SettingsChanged(settings) = event;
        *state = Life::Live(settings);
    }
}
