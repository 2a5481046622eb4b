//! Apps that nobody made but themselves: by registration (RFC 7591), or by the document that their client id names.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    AppSecret, ClientType, Error, Event, OAuth2App, OAuth2AppId, Settings, TokenEndpointAuthMethod,
};
use crate::oauth2::client_id_url::ClientIdUrl;
use crate::oauth2::client_metadata::{ClientDetails, ClientMetadata};
use crate::oauth2::secret_text::HashedSecret;
use crate::text::FreeText;

/// What is kept of an app that made itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// How it came.
    pub by: RegisteredBy,
    /// What it says of itself besides what every app has.
    #[serde(flatten)]
    pub details: ClientDetails,
}

/// How an app made itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisteredBy {
    /// It asked (RFC 7591).
    Request {
        /// The hash of the token by which it manages its registration (RFC 7592).
        hashed_access_token: HashedSecret,
    },
    /// Its client id names a document.
    Document {
        /// The client id.
        url: String,
    },
}

/// An app that comes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistration {
    /// What it says of itself.
    pub metadata: ClientMetadata,
    /// How it comes.
    pub by: RegisteredBy,
    /// Its secret; `None` for a public client.
    pub secret: Option<AppSecret>,
}

/// What an app that made itself says of itself now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationChange {
    /// What every app has.
    #[serde(flatten)]
    pub settings: Settings,
    /// How it authenticates.
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// The rest.
    #[serde(flatten)]
    pub details: ClientDetails,
}

impl Registration {
    /// The fields of it that the audit trail tracks.
    pub(super) fn tracked(&self) -> Option<Map<String, Value>> {
        let by = match &self.by {
            RegisteredBy::Request {
                hashed_access_token: hash,
            } => json!({ "dynamically_registered": true, "registration_access_token": hash }),
            RegisteredBy::Document { url } => json!({ "client_id_url": url }),
        };
        let details = serde_json::to_value(&self.details).ok()?;
        let parts = [details, by].into_iter();
        let members = parts.filter_map(|part| part.as_object().cloned());
        Some(members.flatten().collect())
    }
}

impl RegistrationChange {
    fn of(metadata: ClientMetadata) -> Result<Self, Error> {
        let mut redirect_uris = metadata.redirect_uris.into_iter();
        let callback_url = redirect_uris.next().ok_or(Error::NoRedirectUri)?;
        let logo = metadata.logo_uri.unwrap_or_default();
        Ok(Self {
            settings: Settings {
                name: metadata.client_name,
                callback_url,
                icon: FreeText::of_checked(logo),
                redirect_uris: redirect_uris.collect(),
            },
            token_endpoint_auth_method: metadata.token_endpoint_auth_method,
            details: metadata.details,
        })
    }
}

impl NewRegistration {
    pub(super) fn begin(self) -> Result<Vec<Event>, Error> {
        let is_public = self.metadata.is_public();
        if is_public == self.secret.is_some() {
            return Err(Error::AuthMethodDoesNotFitClientType);
        }
        let change = RegistrationChange::of(self.metadata)?;
        let client_type = if is_public {
            ClientType::Public
        } else {
            ClientType::Confidential
        };
        // One client id stands for every machine that the software runs on.
        let allow_multiple_grants = matches!(self.by, RegisteredBy::Document { .. });
        let app = OAuth2App {
            settings: change.settings,
            client_type,
            token_endpoint_auth_method: change.token_endpoint_auth_method,
            // Nobody vouches for such a client, so a code is tied to whoever asked for it.
            require_pkce: true,
            allow_multiple_grants,
            registration: Some(Registration {
                by: self.by,
                details: change.details,
            }),
            secrets: Vec::new(),
        };
        let secret = self.secret.map(Event::Oauth2AppSecretCreated);
        let registered = Event::Oauth2AppRegistered(app);
        Ok(std::iter::once(registered).chain(secret).collect())
    }
}

impl OAuth2App {
    /// Whether it made itself.
    pub fn is_self_registered(&self) -> bool {
        self.registration.is_some()
    }

    /// The client id of the app whose id is `id`: that, or the document's URL.
    pub fn client_id(&self, id: OAuth2AppId) -> String {
        match self
            .registration
            .as_ref()
            .map(|registration| &registration.by)
        {
            Some(RegisteredBy::Document { url }) => url.clone(),
            Some(RegisteredBy::Request { .. }) | None => id.to_string(),
        }
    }

    /// The host of the document that the app's client id names.
    pub fn document_host(&self) -> Option<String> {
        match &self.registration.as_ref()?.by {
            RegisteredBy::Document { url } => {
                let url = ClientIdUrl::parse(url).ok()?;
                Some(url.host().to_owned())
            }
            RegisteredBy::Request { .. } => None,
        }
    }

    /// What an app that made itself says of itself; `None` for one that an administrator made.
    pub fn metadata(&self) -> Option<ClientMetadata> {
        let registration = self.registration.as_ref()?;
        let settings = &self.settings;
        let others = settings.redirect_uris.iter();
        let redirect_uris = std::iter::once(&settings.callback_url).chain(others);
        let logo = settings.icon.as_str();
        Some(ClientMetadata {
            client_name: settings.name.clone(),
            redirect_uris: redirect_uris.cloned().collect(),
            token_endpoint_auth_method: self.token_endpoint_auth_method,
            logo_uri: (!logo.is_empty()).then(|| logo.to_owned()),
            details: registration.details.clone(),
        })
    }

    pub(super) fn change_registration(
        &self,
        metadata: ClientMetadata,
    ) -> Result<Vec<Event>, Error> {
        let present = self.metadata().ok_or(Error::NotSelfRegistered)?;
        if present == metadata {
            return Ok(Vec::new());
        }
        // What was decided on the client's being able to keep a secret stays decided.
        if metadata.is_public() != self.is_public() {
            return Err(Error::ClientTypeIsFixed);
        }
        let change = RegistrationChange::of(metadata)?;
        Ok(vec![Event::Oauth2AppRegistrationChanged(change)])
    }

    pub(super) fn take_registration(&mut self, change: RegistrationChange) {
        self.settings = change.settings;
        self.token_endpoint_auth_method = change.token_endpoint_auth_method;
        if let Some(registration) = &mut self.registration {
            registration.details = change.details;
        }
    }
}
