//! The rules of an app.

use super::{
    ClientType, Command, CreateOAuth2App, Error, Event, OAuth2App, TokenEndpointAuthMethod,
};
use crate::oauth2::redirect_uri::RedirectUri;

impl CreateOAuth2App {
    pub(super) fn decide(self) -> Result<Event, Error> {
        let has_secret = self.token_endpoint_auth_method != TokenEndpointAuthMethod::None;
        if has_secret != (self.client_type == ClientType::Confidential) {
            return Err(Error::AuthMethodDoesNotFitClientType);
        }
        check_redirect_uris(self.client_type, &self.callback_url, &self.redirect_uris)?;
        Ok(Event::Oauth2AppCreated {
            name: self.name.as_str().to_owned(),
            callback_url: self.callback_url.as_str().to_owned(),
            icon: self.icon.as_str().to_owned(),
            redirect_uris: texts(&self.redirect_uris),
            client_type: self.client_type,
            token_endpoint_auth_method: self.token_endpoint_auth_method,
            // Without a secret, PKCE is all that ties a code to its client (DESIGN 5).
            require_pkce: self.require_pkce || self.client_type == ClientType::Public,
            allow_multiple_grants: self.allow_multiple_grants,
        })
    }
}

impl OAuth2App {
    pub(super) fn decide(&self, command: Command) -> Result<Event, Error> {
        match command {
            Command::CreateOAuth2App(_) => Err(Error::AlreadyExists),
            Command::UpdateOAuth2App {
                name,
                callback_url,
                icon,
                redirect_uris,
            } => {
                check_redirect_uris(self.client_type, &callback_url, &redirect_uris)?;
                Ok(Event::Oauth2AppUpdated {
                    name: name.as_str().to_owned(),
                    callback_url: callback_url.as_str().to_owned(),
                    icon: icon.as_str().to_owned(),
                    redirect_uris: texts(&redirect_uris),
                })
            }
            Command::DeleteOAuth2App => Ok(Event::Oauth2AppDeleted {}),
            Command::CreateOAuth2AppSecret { .. } if self.client_type == ClientType::Public => {
                Err(Error::PublicClientHasNoSecret)
            }
            Command::CreateOAuth2AppSecret {
                secret_id,
                secret_prefix,
                hashed_secret,
                display_secret,
                created_at,
            } => {
                let taken = |secret: &super::AppSecret| {
                    secret.secret_id == secret_id || secret.secret_prefix == secret_prefix
                };
                if self.secrets.iter().any(taken) {
                    return Err(Error::SecretExists);
                }
                Ok(Event::Oauth2AppSecretCreated {
                    secret_id,
                    secret_prefix,
                    hashed_secret,
                    display_secret,
                    created_at,
                })
            }
            Command::DeleteOAuth2AppSecret { secret_id } => {
                if self
                    .secrets
                    .iter()
                    .any(|secret| secret.secret_id == secret_id)
                {
                    Ok(Event::Oauth2AppSecretDeleted { secret_id })
                } else {
                    Err(Error::SecretNotFound)
                }
            }
        }
    }
}

/// Private-use schemes can be claimed by any program on the user's machine: only public clients, whose codes PKCE
/// protects, may use them (oauth2.md 9.2).
fn check_redirect_uris(
    client_type: ClientType,
    callback_url: &RedirectUri,
    redirect_uris: &[RedirectUri],
) -> Result<(), Error> {
    let all_http = callback_url.is_http() && redirect_uris.iter().all(RedirectUri::is_http);
    if client_type == ClientType::Confidential && !all_http {
        return Err(Error::PrivateSchemeNeedsPublicClient);
    }
    Ok(())
}

fn texts(uris: &[RedirectUri]) -> Vec<String> {
    uris.iter().map(|uri| uri.as_str().to_owned()).collect()
}
