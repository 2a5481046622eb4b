//! The form of a token request (docs/contract/oauth2.md sections 7.1 to 7.3).

use utoipa::ToSchema;

use super::super::error::OAuth2Error;
use super::super::parameters::{Parameter, Parameters};

/// A grant type that this server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// Exchange of an authorization code.
    AuthorizationCode,
    /// Refresh.
    RefreshToken,
}

impl GrantType {
    /// Reads `grant_type`. The grants of RFC 6749 that are not offered are named in their refusal.
    pub fn read(form: &Parameters) -> Result<Self, OAuth2Error> {
        match form.get(Parameter::GrantType) {
            Some("authorization_code") => Ok(GrantType::AuthorizationCode),
            Some("refresh_token") => Ok(GrantType::RefreshToken),
            Some("password") => Err(OAuth2Error::GrantTypeNotOffered("password")),
            Some("client_credentials") => {
                Err(OAuth2Error::GrantTypeNotOffered("client_credentials"))
            }
            Some("implicit") => Err(OAuth2Error::GrantTypeNotOffered("implicit")),
            Some(_) | None => Err(OAuth2Error::UnsupportedGrantType),
        }
    }
}

/// The value of a required parameter.
pub fn required(form: &Parameters, parameter: Parameter) -> Result<&str, OAuth2Error> {
    form.get(parameter)
        .ok_or(OAuth2Error::MissingParameter(parameter.name()))
}

/// The form of a token request, for the API document. Unknown parameters are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as parameters")]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    #[schema(example = "authorization_code")]
    grant_type: String,
    /// The app's id; optional with HTTP Basic.
    client_id: Option<String>,
    /// A secret of the app; not with HTTP Basic, and not for a public app.
    #[schema(format = Password)]
    client_secret: Option<String>,
    /// The authorization code.
    code: Option<String>,
    /// The redirect URI of the authorization request, when that had one.
    redirect_uri: Option<String>,
    /// The PKCE verifier of the code's challenge.
    code_verifier: Option<String>,
    /// The refresh token.
    refresh_token: Option<String>,
    /// The resource of the authorization request (RFC 8707).
    resource: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(form: &str) -> String {
        GrantType::read(&Parameters::parse(form.as_bytes()).unwrap())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn missing_empty_and_unknown_grant_types_are_unsupported() {
        for form in [
            "",
            "grant_type=",
            "grant_type=magic",
            "grant_type=Authorization_Code",
        ] {
            assert_eq!(refusal(form), "The grant type is missing or unsupported");
        }
    }

    #[test]
    fn known_grant_types_that_are_not_offered_are_named() {
        assert_eq!(
            refusal("grant_type=password"),
            "The grant type \"password\" is not supported"
        );
        assert_eq!(
            refusal("grant_type=client_credentials"),
            "The grant type \"client_credentials\" is not supported"
        );
    }

    #[test]
    fn a_missing_parameter_is_named() {
        let form = Parameters::parse(b"grant_type=authorization_code&code=").unwrap();
        assert_eq!(
            required(&form, Parameter::Code).unwrap_err().to_string(),
            "Missing required parameter: code"
        );
    }
}
