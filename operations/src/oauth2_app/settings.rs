//! The settings of an app, checked (contract oauth2 9.2).

use chancery_aggregates::name::Name;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::ClientType;
use chancery_aggregates::text::FreeText;
use chancery_aggregates::validation::InvalidValue;

use crate::failure::{Failure, InvalidField};

/// Most redirect URIs of one app (contract oauth2 11.1).
const MAX_REDIRECT_URIS: usize = 32;

/// The settings that creation and update share, checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ValidSettings {
    /// The name.
    pub name: Name,
    /// The callback URL.
    pub callback_url: RedirectUri,
    /// The icon.
    pub icon: FreeText,
    /// Further redirect URIs.
    pub redirect_uris: Vec<RedirectUri>,
}

/// Checks the shared fields. Every invalid one is reported.
pub(super) fn validate(
    name: &str,
    callback_url: &str,
    icon: &str,
    redirect_uris: &[String],
    client_type: ClientType,
) -> Result<ValidSettings, Failure> {
    let mut fields = Vec::new();
    let name = note(&mut fields, "name", Name::oauth2_app(name));
    let callback_url = note(
        &mut fields,
        "callback_url",
        parse_callback(callback_url, client_type),
    );
    let icon = note(&mut fields, "icon", FreeText::parse(icon));
    if redirect_uris.len() > MAX_REDIRECT_URIS {
        fields.push(InvalidField::new("redirect_uris", "must be at most 32"));
    }
    let mut valid_uris = Vec::with_capacity(redirect_uris.len().min(MAX_REDIRECT_URIS));
    for (index, uri) in redirect_uris.iter().take(MAX_REDIRECT_URIS).enumerate() {
        let parsed = parse_callback(uri, client_type);
        valid_uris.extend(note(
            &mut fields,
            &format!("redirect_uris[{index}]"),
            parsed,
        ));
    }
    match (name, callback_url, icon) {
        (Some(name), Some(callback_url), Some(icon)) if fields.is_empty() => Ok(ValidSettings {
            name,
            callback_url,
            icon,
            redirect_uris: valid_uris,
        }),
        _ => Err(Failure::invalid(fields)),
    }
}

/// A callback URL: http(s), and for a public app also a scheme of its own (RFC 8252 section 7.1).
fn parse_callback(url: &str, client_type: ClientType) -> Result<RedirectUri, InvalidValue> {
    match (client_type, RedirectUri::parse(url)) {
        (ClientType::Public, Ok(uri)) => Ok(uri),
        _ => RedirectUri::http_url(url),
    }
}

fn note<T>(
    fields: &mut Vec<InvalidField>,
    field: &str,
    checked: Result<T, InvalidValue>,
) -> Option<T> {
    checked
        .map_err(|invalid| fields.push(InvalidField::new(field.to_owned(), invalid.to_string())))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(failure: Failure) -> Vec<InvalidField> {
        match failure {
            Failure::Refused(refused) => refused.fields,
            other => panic!("{other}"),
        }
    }

    fn refused(name: &str, callback_url: &str) -> Vec<InvalidField> {
        let checked = validate(name, callback_url, "", &[], ClientType::Confidential);
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
        assert!(
            validate(
                "app",
                "com.example.app:/callback",
                "",
                &[],
                ClientType::Public
            )
            .is_ok()
        );
    }

    #[test]
    fn every_bad_field_is_named() {
        let uris = ["http://ok.example/cb".to_owned(), "bad".to_owned()];
        let error = validate("a b", "x", "\u{7}", &uris, ClientType::Confidential).unwrap_err();
        let fields: Vec<_> = fields(error).into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["name", "callback_url", "icon", "redirect_uris[1]"]);
    }
}
