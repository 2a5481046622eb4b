//! Bodies of app creation and update, and their validation (oauth2.md section 9.2).

use chancery_aggregates::name::Name;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::{ClientType, TokenEndpointAuthMethod};
use chancery_aggregates::text::FreeText;
use chancery_aggregates::validation::InvalidValue;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::json::null_as_default;
use crate::http::{ApiError, Validation};

/// Most redirect URIs of one app (oauth2.md section 11.1).
const MAX_REDIRECT_URIS: usize = 32;

/// Body of POST apps. The contract's fields are `name`, `callback_url` and `icon`; the others are additions.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PostOAuth2ProviderAppRequest {
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
    #[serde(default, deserialize_with = "null_as_default")]
    pub redirect_uris: Vec<String>,
    /// `confidential` or `public`. Default: `confidential`, unless the auth method is `none`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "confidential")]
    pub client_type: Option<ClientType>,
    /// `client_secret_post`, `client_secret_basic` or `none`. Default: `client_secret_post`, or `none` for a public app.
    /// Both secret methods are accepted from every confidential app.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "client_secret_post")]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Whether every authorization needs a PKCE challenge. Always so for a public app.
    #[serde(default, deserialize_with = "null_as_default")]
    pub require_pkce: bool,
    /// Whether one user may hold several grants at once. Default: a new grant ends the user's earlier one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub allow_multiple_grants: bool,
}

/// Body of PUT app: replaces these fields. Without `redirect_uris`, those are kept, since callers of the contract do not
/// know them.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PutOAuth2ProviderAppRequest {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where users return to.
    #[serde(default, deserialize_with = "null_as_default")]
    pub callback_url: String,
    /// URL or site path of a picture.
    #[serde(default, deserialize_with = "null_as_default")]
    pub icon: String,
    /// Further redirect URIs.
    #[serde(default)]
    pub redirect_uris: Option<Vec<String>>,
}

/// The fields that creation and update share, checked.
#[derive(Debug, PartialEq, Eq)]
pub struct ValidApp {
    /// The name.
    pub name: Name,
    /// The callback URL.
    pub callback_url: RedirectUri,
    /// The icon.
    pub icon: FreeText,
    /// Further redirect URIs.
    pub redirect_uris: Vec<RedirectUri>,
}

impl PostOAuth2ProviderAppRequest {
    /// The client type and auth method, which must agree: `public` and `none` mean the same.
    pub fn client(&self) -> Result<(ClientType, TokenEndpointAuthMethod), ApiError> {
        use TokenEndpointAuthMethod::{ClientSecretPost, None as NoAuth};
        match (self.client_type, self.token_endpoint_auth_method) {
            (None | Some(ClientType::Public), Some(NoAuth)) | (Some(ClientType::Public), None) => {
                Ok((ClientType::Public, NoAuth))
            }
            (Some(ClientType::Public), Some(_))
            | (Some(ClientType::Confidential), Some(NoAuth)) => {
                Err(ApiError::validation_failed(vec![Validation::new(
                    "token_endpoint_auth_method",
                    "must be \"none\" for a public app, and only for one",
                )]))
            }
            (_, method) => Ok((ClientType::Confidential, method.unwrap_or(ClientSecretPost))),
        }
    }
}

/// Checks the shared fields. Every invalid one is reported.
pub fn validate(
    name: &str,
    callback_url: &str,
    icon: &str,
    redirect_uris: &[String],
    client_type: ClientType,
) -> Result<ValidApp, ApiError> {
    let mut validations = Vec::new();
    let name = note(&mut validations, "name", Name::oauth2_app(name));
    let callback_url = note(
        &mut validations,
        "callback_url",
        parse_callback(callback_url, client_type),
    );
    let icon = note(&mut validations, "icon", FreeText::parse(icon));
    if redirect_uris.len() > MAX_REDIRECT_URIS {
        validations.push(Validation::new("redirect_uris", "must be at most 32"));
    }
    let mut valid_uris = Vec::with_capacity(redirect_uris.len().min(MAX_REDIRECT_URIS));
    for (index, uri) in redirect_uris.iter().take(MAX_REDIRECT_URIS).enumerate() {
        let parsed = parse_callback(uri, client_type);
        valid_uris.extend(note(
            &mut validations,
            &format!("redirect_uris[{index}]"),
            parsed,
        ));
    }
    match (name, callback_url, icon) {
        (Some(name), Some(callback_url), Some(icon)) if validations.is_empty() => Ok(ValidApp {
            name,
            callback_url,
            icon,
            redirect_uris: valid_uris,
        }),
        _ => Err(ApiError::validation_failed(validations)),
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
    validations: &mut Vec<Validation>,
    field: &str,
    checked: Result<T, InvalidValue>,
) -> Option<T> {
    checked
        .map_err(|invalid| validations.push(Validation::invalid(field, &invalid)))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, callback_url: &str) -> Vec<Validation> {
        validate(name, callback_url, "", &[], ClientType::Confidential)
            .unwrap_err()
            .body
            .validations
    }

    fn broken(field: &str, tag: &str, value: &str) -> Validation {
        Validation::new(
            field,
            format!("Validation failed for tag \"{tag}\" with value: \"{value}\""),
        )
    }

    fn create(body: &str) -> Result<(ClientType, TokenEndpointAuthMethod), ApiError> {
        serde_json::from_str::<PostOAuth2ProviderAppRequest>(body)
            .unwrap()
            .client()
    }

    #[test]
    fn names_that_break_the_rule_carry_its_tag() {
        for name in ["has space", "-a", "a--b", "new", &"x".repeat(33)] {
            let validations = refused(name, "http://localhost:3000");
            assert_eq!(validations, [broken("name", "oauth2_app_name", name)]);
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
        let fields: Vec<_> = error
            .body
            .validations
            .iter()
            .map(|validation| validation.field.as_str())
            .collect();
        assert_eq!(fields, ["name", "callback_url", "icon", "redirect_uris[1]"]);
    }

    #[test]
    fn apps_are_confidential_unless_they_say_otherwise() {
        use TokenEndpointAuthMethod::{ClientSecretBasic, ClientSecretPost};
        assert_eq!(
            create("{}").unwrap(),
            (ClientType::Confidential, ClientSecretPost)
        );
        assert_eq!(
            create(r#"{"token_endpoint_auth_method":"client_secret_basic"}"#).unwrap(),
            (ClientType::Confidential, ClientSecretBasic)
        );
        for body in [
            r#"{"client_type":"public"}"#,
            r#"{"token_endpoint_auth_method":"none"}"#,
        ] {
            assert_eq!(
                create(body).unwrap(),
                (ClientType::Public, TokenEndpointAuthMethod::None)
            );
        }
    }

    #[test]
    fn a_public_app_with_a_secret_method_contradicts_itself() {
        for body in [
            r#"{"client_type":"public","token_endpoint_auth_method":"client_secret_post"}"#,
            r#"{"client_type":"confidential","token_endpoint_auth_method":"none"}"#,
        ] {
            assert_eq!(
                create(body).unwrap_err().body.validations[0].field,
                "token_endpoint_auth_method"
            );
        }
    }
}
