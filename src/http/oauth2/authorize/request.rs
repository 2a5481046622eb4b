//! The authorization request: its parameters checked against the registered client (docs/contract/oauth2.md sections 4.1, 4.2).

use chancery_aggregates::oauth2::pkce::{CodeChallenge, InvalidChallenge};
use chancery_aggregates::oauth2::redirect_uri::{self, RedirectUri};
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;

use super::super::client::RegisteredClient;
use super::super::error::OAuth2Error;
use super::super::parameters::{Parameter, Parameters, ParametersError};

/// A valid authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Opaque to this server, returned unchanged.
    pub state: String,
    /// `redirect_uri` as sent; the token request must repeat it.
    pub redirect_uri: Option<RedirectUri>,
    /// Where the answer goes: `redirect_uri`, else the client's callback URL.
    pub redirect_target: String,
    /// The requested scope; empty when none is. Its meaning is the resource's: this server records what the user
    /// consented to and returns it.
    pub scope: Scope,
    /// The resource the token is for (RFC 8707).
    pub resource: Option<Resource>,
    /// The PKCE challenge.
    pub code_challenge: Option<CodeChallenge>,
}

/// Why an authorization request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizationRequestError {
    /// Missing or invalid parameters, each with its text. Nobody is redirected.
    Invalid(Vec<String>),
    /// A challenge method other than `S256`.
    UnsupportedChallengeMethod,
    /// `response_type=token`: the client is told by redirect (docs/contract/oauth2.md section 4.5).
    UnsupportedResponseType {
        /// The validated redirect URI.
        redirect_target: String,
        /// The request's state, if any.
        state: Option<String>,
    },
}

impl From<AuthorizationRequestError> for OAuth2Error {
    fn from(error: AuthorizationRequestError) -> Self {
        match error {
            AuthorizationRequestError::Invalid(details) => OAuth2Error::InvalidQuery(details),
            AuthorizationRequestError::UnsupportedChallengeMethod => {
                OAuth2Error::UnsupportedChallengeMethod
            }
            AuthorizationRequestError::UnsupportedResponseType { .. } => {
                OAuth2Error::InvalidQuery(vec![UNSUPPORTED_RESPONSE_TYPE.to_owned()])
            }
        }
    }
}

impl From<ParametersError> for AuthorizationRequestError {
    fn from(error: ParametersError) -> Self {
        let detail = match error {
            ParametersError::Duplicate(parameter) => {
                format!(
                    "Query param \"{}\" is given more than once",
                    parameter.name()
                )
            }
            other => other.to_string(),
        };
        AuthorizationRequestError::Invalid(vec![detail])
    }
}

/// The description of an unsupported response type.
pub const UNSUPPORTED_RESPONSE_TYPE: &str = "Only response_type=code is supported";

impl AuthorizationRequest {
    /// Checks `query` against `client`. Every invalid parameter is reported, not only the first.
    pub fn parse(
        query: &Parameters,
        client: RegisteredClient<'_>,
    ) -> Result<Self, AuthorizationRequestError> {
        let mut details = Vec::new();
        let state = query.get(Parameter::State);
        if state.is_none() {
            details.push(required(Parameter::State));
        }
        let (redirect_uri, redirect_is_valid) = match parse_redirect_uri(query, client) {
            Ok(redirect_uri) => (redirect_uri, true),
            Err(detail) => {
                details.push(detail);
                (None, false)
            }
        };
        let redirect_target = redirect_uri
            .as_ref()
            .map_or(client.callback_url, RedirectUri::as_str)
            .to_owned();
        match query.get(Parameter::ResponseType) {
            Some("code") => {}
            Some("token") if redirect_is_valid => {
                return Err(AuthorizationRequestError::UnsupportedResponseType {
                    redirect_target,
                    state: state.map(str::to_owned),
                });
            }
            Some(other) => details.push(format!(
                "Query param \"response_type\" has invalid value: {other:?} is not \"code\""
            )),
            None => details.push(required(Parameter::ResponseType)),
        }
        let code_challenge = parse_challenge(query, client, &mut details)?;
        let resource = query
            .get(Parameter::Resource)
            .map(Resource::parse)
            .transpose()
            .unwrap_or_else(|error| {
                details.push(format!(
                    "Query param \"resource\" has invalid value: {error}"
                ));
                None
            });
        let scope =
            Scope::parse(query.get(Parameter::Scope).unwrap_or_default()).unwrap_or_else(|error| {
                details.push(format!("Query param \"scope\" has invalid value: {error}"));
                Scope::default()
            });
        match state {
            Some(state) if details.is_empty() => Ok(AuthorizationRequest {
                state: state.to_owned(),
                redirect_uri,
                redirect_target,
                scope,
                resource,
                code_challenge,
            }),
            _ => Err(AuthorizationRequestError::Invalid(details)),
        }
    }

    /// The hash under which the state is recorded.
    pub fn state_hash(&self) -> HashedSecret {
        HashedSecret::of(&self.state)
    }
}

fn required(parameter: Parameter) -> String {
    format!(
        "Query param \"{}\" is required and cannot be empty",
        parameter.name()
    )
}

/// The request's redirect URI; the error says why the answer may not be sent to it, or to the callback without one.
fn parse_redirect_uri(
    query: &Parameters,
    client: RegisteredClient<'_>,
) -> Result<Option<RedirectUri>, String> {
    let Some(requested) = query.get(Parameter::RedirectUri) else {
        return if redirect_uri::may_redirect_to(client.callback_url) {
            Ok(None)
        } else {
            Err("The client's callback URL may not be redirected to".to_owned())
        };
    };
    let parsed = RedirectUri::parse(requested)
        .map_err(|error| format!("Query param \"redirect_uri\" must be a valid url: {error}"))?;
    if !client.is_registered(requested) {
        return Err(
            "Query param \"redirect_uri\" must exactly match a redirect URI registered for the client".to_owned()
        );
    }
    Ok(Some(parsed))
}

fn parse_challenge(
    query: &Parameters,
    client: RegisteredClient<'_>,
    details: &mut Vec<String>,
) -> Result<Option<CodeChallenge>, AuthorizationRequestError> {
    let (challenge, method) = (
        query.get(Parameter::CodeChallenge),
        query.get(Parameter::CodeChallengeMethod),
    );
    match CodeChallenge::from_parameters(challenge, method) {
        Ok(None) if client.requires_pkce => details.push(required(Parameter::CodeChallenge)),
        Ok(challenge) => return Ok(challenge),
        Err(InvalidChallenge::UnsupportedMethod) => {
            return Err(AuthorizationRequestError::UnsupportedChallengeMethod);
        }
        Err(InvalidChallenge::MethodWithoutChallenge) => {
            details.push(required(Parameter::CodeChallenge));
        }
        Err(error @ InvalidChallenge::Syntax) => {
            details.push(format!(
                "Query param \"code_challenge\" has invalid value: {error}"
            ));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
