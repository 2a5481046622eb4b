//! What is sent of an app, and checked (docs/contract/oauth2.md 9.2).

use chancery_aggregates::name::Name;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::{ClientType, Settings};
use chancery_aggregates::text::FreeText;
use chancery_aggregates::validation::InvalidValue;

use crate::failure::{Checks, Failure};

/// Most redirect URIs of one app (docs/contract/oauth2.md 11.1).
const MAX_REDIRECT_URIS: usize = 32;

/// What is sent to make or change an app.
#[derive(Clone, Debug, Default)]
pub struct OAuth2AppForm {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    pub name: String,
    /// Where users return to: an absolute http(s) URL; a public app may also have a scheme of its own.
    pub callback_url: String,
    /// URL or site path of a picture.
    pub icon: String,
    /// Further redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
}

impl OAuth2AppForm {
    /// Checks the fields. Every invalid one is reported.
    pub(super) fn check(&self, client_type: ClientType) -> Result<Settings, Failure> {
        let mut checks = Checks::default();
        let uri = |text: &str| parse_callback(text, client_type);
        let mut settings = Settings {
            name: checks.of("name", Name::oauth2_app(&self.name)),
            callback_url: checks.of("callback_url", uri(&self.callback_url)),
            icon: checks.of("icon", FreeText::parse(&self.icon)),
            redirect_uris: Vec::new(),
        };
        let redirect_uris = self.redirect_uris.as_deref().unwrap_or_default();
        if redirect_uris.len() > MAX_REDIRECT_URIS {
            checks.note("redirect_uris", "must be at most 32");
        }
        for (index, text) in redirect_uris.iter().take(MAX_REDIRECT_URIS).enumerate() {
            let checked = checks.of(format!("redirect_uris[{index}]"), uri(text));
            settings.redirect_uris.push(checked);
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
    use crate::failure::InvalidField;

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
        let checked = form(name, callback_url).check(ClientType::Confidential);
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
        assert!(form.check(ClientType::Public).is_ok());
    }

    #[test]
    fn every_bad_field_is_named() {
        let form = OAuth2AppForm {
            icon: "\u{7}".to_owned(),
            redirect_uris: Some(vec!["http://ok.example/cb".to_owned(), "bad".to_owned()]),
            ..form("a b", "x")
        };
        let error = form.check(ClientType::Confidential).unwrap_err();
        let fields: Vec<_> = fields(error).into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["name", "callback_url", "icon", "redirect_uris[1]"]);
    }
}
