//! Making an app.

use chancery_aggregates::oauth2_app::{ClientType, Command, OAuth2App, TokenEndpointAuthMethod};

use super::{App, Client, OAuth2AppForm, read};
use crate::Caller;
use crate::failure::{Failure, InvalidField};
use crate::policy::Action;

/// The app to be made.
#[derive(Clone, Debug, Default)]
pub struct NewOAuth2App {
    /// What may be changed later.
    pub form: OAuth2AppForm,
    /// Default: confidential, unless the auth method is `none`.
    pub client_type: Option<ClientType>,
    /// Default: `client_secret_post`, or `none` for a public app.
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Whether every authorization needs a PKCE challenge. Always so for a public app.
    pub require_pkce: bool,
    /// Whether one user may hold several grants at once.
    pub allow_multiple_grants: bool,
}

/// Makes an app.
pub async fn create(caller: &Caller, new: NewOAuth2App) -> Result<Client, Failure> {
    let app = App(caller.services().randomness().uuid());
    let leave = caller.may(Action::Create, &app)?;
    let (client_type, token_endpoint_auth_method) = new.client()?;
    leave
        .record(Command::CreateOAuth2App(OAuth2App {
            settings: new.form.check(client_type)?,
            client_type,
            token_endpoint_auth_method,
            require_pkce: new.require_pkce,
            allow_multiple_grants: new.allow_multiple_grants,
            registration: None,
            secrets: Vec::new(),
        }))
        .await?;
    read::get(caller, app.0, None).await
}

impl NewOAuth2App {
    /// The client type and auth method, which must agree: `public` and `none` mean the same.
    fn client(&self) -> Result<(ClientType, TokenEndpointAuthMethod), Failure> {
        use TokenEndpointAuthMethod::{ClientSecretPost, None as NoAuth};
        match (self.client_type, self.token_endpoint_auth_method) {
            (None | Some(ClientType::Public), Some(NoAuth)) | (Some(ClientType::Public), None) => {
                Ok((ClientType::Public, NoAuth))
            }
            (Some(ClientType::Public), Some(_))
            | (Some(ClientType::Confidential), Some(NoAuth)) => {
                Err(Failure::invalid(vec![InvalidField::new(
                    "token_endpoint_auth_method",
                    "must be \"none\" for a public app, and only for one",
                )]))
            }
            (_, method) => Ok((ClientType::Confidential, method.unwrap_or(ClientSecretPost))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(
        client_type: Option<ClientType>,
        method: Option<TokenEndpointAuthMethod>,
    ) -> Result<(ClientType, TokenEndpointAuthMethod), Failure> {
        let new = NewOAuth2App {
            client_type,
            token_endpoint_auth_method: method,
            ..NewOAuth2App::default()
        };
        new.client()
    }

    #[test]
    fn apps_are_confidential_unless_they_say_otherwise() {
        use TokenEndpointAuthMethod::{ClientSecretBasic, ClientSecretPost, None as NoAuth};
        let (confidential, public) = (ClientType::Confidential, ClientType::Public);
        assert_eq!(
            client(None, None).unwrap(),
            (confidential, ClientSecretPost)
        );
        assert_eq!(
            client(None, Some(ClientSecretBasic)).unwrap(),
            (confidential, ClientSecretBasic)
        );
        assert_eq!(client(Some(public), None).unwrap(), (public, NoAuth));
        assert_eq!(client(None, Some(NoAuth)).unwrap(), (public, NoAuth));
    }

    #[test]
    fn a_public_app_with_a_secret_method_contradicts_itself() {
        use TokenEndpointAuthMethod::{ClientSecretPost, None as NoAuth};
        for (client_type, method) in [
            (ClientType::Public, ClientSecretPost),
            (ClientType::Confidential, NoAuth),
        ] {
            let Err(Failure::Refused(refused)) = client(Some(client_type), Some(method)) else {
                panic!("{client_type:?} {method:?}");
            };
            assert_eq!(refused.fields[0].field, "token_endpoint_auth_method");
        }
    }
}
