//! The rules of an app.

use super::{ClientType, Command, Error, Event, OAuth2App, Settings, TokenEndpointAuthMethod};
use crate::oauth2::redirect_uri::RedirectUri;

impl OAuth2App {
    pub(super) fn begin(self) -> Result<Event, Error> {
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

    pub(super) fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
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
            Command::DeleteOAuth2AppSecret { secret_id } => {
                let mut ids = self.secrets.iter().map(|secret| secret.secret_id);
                if ids.any(|id| id == secret_id) {
                    Ok(Event::Oauth2AppSecretDeleted { secret_id })
                } else {
                    Err(Error::SecretNotFound)
                }
            }
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
