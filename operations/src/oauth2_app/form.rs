//! What is sent of an app, and checked (docs/contract/oauth2.md 9.2).

use chancery_aggregates::name::Name;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::{ClientType, OAuth2App, Settings, TokenEndpointAuthMethod};
use chancery_aggregates::text::FreeText;
use chancery_aggregates::validation::InvalidValue;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::failure::{Checks, Failure, InvalidField};
use crate::form::null_as_default;

/// Most redirect URIs of one app (docs/contract/oauth2.md 11.1).
const MAX_REDIRECT_URIS: usize = 32;

/// What is sent to change an app: replaces these fields. Without `redirect_uris`, those are kept, since callers of the contract do
/// not know them.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = PutOAuth2ProviderAppRequest)]
pub struct OAuth2AppForm {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where users return to: an absolute http(s) URL; a public app may also have a scheme of its own.
    #[serde(default, deserialize_with = "null_as_default")]
    pub callback_url: String,
    /// URL or site path of a picture.
    #[serde(default, deserialize_with = "null_as_default")]
    pub icon: String,
    /// Further redirect URIs, matched exactly; http loopback addresses with any port.
    pub redirect_uris: Option<Vec<String>>,
}

/// What is sent to make an app. The contract's fields are `name`, `callback_url` and `icon`; the others are additions.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = PostOAuth2ProviderAppRequest)]
pub struct NewOAuth2App {
    /// What may be changed later.
    #[serde(flatten)]
    pub form: OAuth2AppForm,
    /// `confidential` or `public`. Default: `confidential`, unless the auth method is `none`.
    #[schema(value_type = Option<String>, example = "confidential")]
    pub client_type: Option<ClientType>,
    /// `client_secret_post`, `client_secret_basic` or `none`. Default: `client_secret_post`, or `none` for a public app.
    /// Both secret methods are accepted from every confidential app.
    #[schema(value_type = Option<String>, example = "client_secret_post")]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Whether every authorization needs a PKCE challenge. Always so for a public app.
    #[serde(default, deserialize_with = "null_as_default")]
    pub require_pkce: bool,
    /// Whether one user may hold several grants at once. Default: a new grant ends the user's earlier one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub allow_multiple_grants: bool,
}

impl NewOAuth2App {
    /// The app, without secrets.
    pub(super) fn check(&self) -> Result<OAuth2App, Failure> {
        let (client_type, token_endpoint_auth_method) = self.client()?;
        Ok(OAuth2App {
            settings: self.form.check(client_type, Vec::new())?,
            client_type,
            token_endpoint_auth_method,
            require_pkce: self.require_pkce,
            allow_multiple_grants: self.allow_multiple_grants,
            registration: None,
            secrets: Vec::new(),
        })
    }

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

impl OAuth2AppForm {
    /// Checks the fields. Every invalid one is reported.
    pub(super) fn check(
        &self,
        client_type: ClientType,
        present: Vec<RedirectUri>,
    ) -> Result<Settings, Failure> {
        let mut checks = Checks::default();
        let uri = |text: &str| parse_callback(text, client_type);
        let mut settings = Settings {
            name: checks.of("name", Name::oauth2_app(&self.name)),
            callback_url: checks.of("callback_url", uri(&self.callback_url)),
            icon: checks.of("icon", FreeText::parse(&self.icon)),
            redirect_uris: present,
        };
        if let Some(sent) = &self.redirect_uris {
            if sent.len() > MAX_REDIRECT_URIS {
                checks.note("redirect_uris", "must be at most 32");
            }
            let sent = sent.iter().take(MAX_REDIRECT_URIS).enumerate();
            let checked =
                sent.map(|(index, text)| checks.of(format!("redirect_uris[{index}]"), uri(text)));
            settings.redirect_uris = checked.collect();
        }
        checks.pass(settings)
    }
}

/// A callback URL: http(s), and for a public app also a scheme of its own (RFC 8252 section 7.1).
fn parse_callback(url: &str, client_type: ClientType) -> Result<RedirectUri, InvalidValue> {
    match (client_type, RedirectUri::parse(url)) {
        (ClientType::Public, Ok(uri)) => Ok(uri),
        _ => RedirectUri::http_url(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, callback_url: &str) -> OAuth2AppForm {
        OAuth2AppForm {
            name: name.to_owned(),
            callback_url: callback_url.to_owned(),
            ..OAuth2AppForm::default()
        }
    }

    fn fields(failure: Failure) -> Vec<InvalidField> {
        match failure {
            Failure::Refused(refused) => refused.fields,
            other => panic!("{other}"),
        }
    }

    fn refused(name: &str, callback_url: &str) -> Vec<InvalidField> {
        let checked = form(name, callback_url).check(ClientType::Confidential, Vec::new());
        fields(checked.unwrap_err())
    }

    fn broken(field: &'static str, tag: &str, value: &str) -> InvalidField {
        InvalidField::new(
            field,
            format!("Validation failed for tag \"{tag}\" with value: \"{value}\""),
        )
    }

    #[test]
    fn names_that_break_the_rule_carry_its_tag() {
        for name in ["has space", "-a", "a--b", "new", &"x".repeat(33)] {
            let fields = refused(name, "http://localhost:3000");
            assert_eq!(fields, [broken("name", "oauth2_app_name", name)]);
        }
        assert_eq!(
            refused("", "http://localhost:3000"),
            [broken("name", "required", "")]
        );
    }

    #[test]
    fn callback_urls_of_the_contracts_cases_are_refused() {
        for url in [
            "localhost:3000",
            "coder.com",
            "http//coder.com",
            "bar",
            "/bar/baz",
            "http",
            "http://",
            "no way",
        ] {
            assert_eq!(
                refused("app", url),
                [broken("callback_url", "http_url", url)],
                "{url}"
            );
        }
        assert_eq!(refused("app", ""), [broken("callback_url", "required", "")]);
        assert_eq!(refused("app", "javascript://x/%0aalert(1)").len(), 1);
    }

    #[test]
    fn only_a_public_app_may_have_a_scheme_of_its_own() {
        assert_eq!(refused("app", "com.example.app:/callback").len(), 1);
        let form = form("app", "com.example.app:/callback");
        assert!(form.check(ClientType::Public, Vec::new()).is_ok());
    }

    #[test]
    fn every_bad_field_is_named() {
        let form = OAuth2AppForm {
            icon: "\u{7}".to_owned(),
            redirect_uris: Some(vec!["http://ok.example/cb".to_owned(), "bad".to_owned()]),
            ..form("a b", "x")
        };
        let error = form
            .check(ClientType::Confidential, Vec::new())
            .unwrap_err();
        let fields: Vec<_> = fields(error).into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["name", "callback_url", "icon", "redirect_uris[1]"]);
    }

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
