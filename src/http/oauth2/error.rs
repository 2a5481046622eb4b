//! Errors of the OAuth2 protocol endpoints: one enum, mapped exhaustively to status, code and description
//! (docs/contract/oauth2.md sections 1.1, 3, 4.4, 7.1 and 12).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_aggregates::oauth2::client_id_url::InvalidClientIdUrl;
use chancery_operations::Failure;
use chancery_operations::oauth2_app::DocumentFailure;
use chancery_operations::oauth2_grant::{Refused, TokenFailure};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::client_authentication::PresentedClientError;
use super::parameters::ParametersError;
use crate::http::base::{ErrorBody, Json, outage};

/// Seconds after which a client may try again when the ledger cannot answer.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// The body of every error of the protocol endpoints (RFC 6749 section 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuth2ErrorBody {
    /// The error code.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// What is wrong, for a developer. Never empty.
    #[schema(example = "The authorization code is invalid or expired")]
    pub error_description: String,
}

/// The body of an error where a client and a person's session are both looked at, for the API document: what concerns the client
/// or the request has the protocol's shape, what concerns the session the management API's.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes errors that are made apart")]
pub enum OAuth2OrSessionError {
    /// Of the client or the request.
    OAuth2(OAuth2ErrorBody),
    /// Of the session.
    Session(ErrorBody),
}

/// The errors of every endpoint that OAuth2 clients authenticate at, for the API document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes errors that are made apart")]
pub enum ClientRefusal {
    /// The client is unknown, or its secret is missing or wrong.
    #[response(status = 401)]
    InvalidClient(OAuth2ErrorBody),
    /// The form is larger than 64 KiB.
    #[response(status = 413)]
    TooLong(OAuth2ErrorBody),
    /// Too many requests.
    #[response(status = 429)]
    TooMany(OAuth2ErrorBody),
    /// The server cannot answer now. Nothing is known to have happened.
    #[response(status = 503)]
    Unavailable(OAuth2ErrorBody),
}

/// Everything a protocol endpoint refuses or fails with.
#[derive(Debug, thiserror::Error)]
pub enum OAuth2Error {
    /// No client id in query, form or header.
    #[error("Missing client_id parameter")]
    MissingClientId,
    /// The client id or secret is malformed, unknown or wrong.
    #[error("The client credentials are invalid")]
    InvalidClient,
    /// The client id is a URL that names no document.
    #[error("Invalid client_id: {0}")]
    InvalidClientUrl(InvalidClientIdUrl),
    /// The document that the client id names cannot be used; why, for people.
    #[error("{0}")]
    ClientDocument(String),
    /// The client is described where nobody is trusted, or was deleted by an administrator.
    #[error("{0}")]
    ClientNotAdmitted(String),
    /// Header and form disagree about the client.
    #[error("Conflicting client credentials between Authorization header and request body")]
    ConflictingCredentials,
    /// `grant_type` is missing, empty or no known value.
    #[error("The grant type is missing or unsupported")]
    UnsupportedGrantType,
    /// A grant type of RFC 6749 that this server does not offer.
    #[error("The grant type \"{0}\" is not supported")]
    GrantTypeNotOffered(&'static str),
    /// A required parameter of the token endpoint is missing.
    #[error("Missing required parameter: {0}")]
    MissingParameter(&'static str),
    /// The query or form cannot be read.
    #[error("The request is missing required parameters or is otherwise malformed: {0}")]
    Malformed(#[from] ParametersError),
    /// The token request's redirect URI is not one of the client's.
    #[error(
        "The request is missing required parameters or is otherwise malformed: \"redirect_uri\" is not registered for the client"
    )]
    UnregisteredRedirectUri,
    /// Parameters of the authorization endpoint are missing or invalid, each in one text.
    #[error("Invalid query params: {}", .0.join("; "))]
    InvalidQuery(Vec<String>),
    /// A `code_challenge_method` other than `S256`.
    #[error("Invalid code_challenge_method: only S256 is supported")]
    UnsupportedChallengeMethod,
    /// The authorization code is malformed, unknown, wrong, expired or used.
    #[error("The authorization code is invalid or expired")]
    InvalidCode,
    /// The PKCE verifier is missing or does not match the challenge.
    #[error("The PKCE code verifier is invalid")]
    InvalidVerifier,
    /// The redirect URI differs from the one of the authorization request.
    #[error("The redirect URI does not match the authorization request")]
    RedirectUriMismatch,
    /// The resource is malformed, or differs from the authorized one.
    #[error("The resource parameter is invalid")]
    InvalidTarget,
    /// The refresh token is malformed, unknown, wrong, expired or rotated away.
    #[error("The refresh token is invalid or expired")]
    InvalidRefreshToken,
    /// Revocation or introspection without a token.
    #[error("missing token parameter")]
    MissingToken,
    /// The token to revoke has no token's shape.
    #[error("Invalid token format")]
    InvalidTokenFormat,
    /// The ledger or a read model cannot answer now. Nothing is known to have happened.
    #[error("The server cannot answer right now. Try again shortly.")]
    Unavailable,
    /// A fault of the server; the operation that failed, for the client. The cause is logged where it occurs.
    #[error("{0}")]
    Internal(&'static str),
}

impl OAuth2Error {
    /// The status and the OAuth2 error code.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            OAuth2Error::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            OAuth2Error::UnsupportedGrantType | OAuth2Error::GrantTypeNotOffered(_) => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type")
            }
            OAuth2Error::Malformed(ParametersError::TooLong) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request")
            }
            OAuth2Error::MissingClientId
            | OAuth2Error::InvalidClientUrl(_)
            | OAuth2Error::ConflictingCredentials
            | OAuth2Error::MissingParameter(_)
            | OAuth2Error::Malformed(_)
            | OAuth2Error::UnregisteredRedirectUri
            | OAuth2Error::InvalidQuery(_)
            | OAuth2Error::UnsupportedChallengeMethod
            | OAuth2Error::MissingToken
            | OAuth2Error::InvalidTokenFormat => (StatusCode::BAD_REQUEST, "invalid_request"),
            OAuth2Error::ClientDocument(_) => (StatusCode::BAD_REQUEST, "invalid_client_metadata"),
            OAuth2Error::ClientNotAdmitted(_) => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            OAuth2Error::InvalidCode
            | OAuth2Error::InvalidVerifier
            | OAuth2Error::RedirectUriMismatch
            | OAuth2Error::InvalidRefreshToken => (StatusCode::BAD_REQUEST, "invalid_grant"),
            OAuth2Error::InvalidTarget => (StatusCode::BAD_REQUEST, "invalid_target"),
            OAuth2Error::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            OAuth2Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }
}

impl From<PresentedClientError> for OAuth2Error {
    fn from(error: PresentedClientError) -> Self {
        match error {
            PresentedClientError::Missing => OAuth2Error::MissingClientId,
            PresentedClientError::Invalid => OAuth2Error::InvalidClient,
            PresentedClientError::Conflict => OAuth2Error::ConflictingCredentials,
        }
    }
}

/// An operation that failed, for another reason than what these endpoints refuse by themselves.
impl From<Failure> for OAuth2Error {
    fn from(failure: Failure) -> Self {
        match failure {
            // Nothing is named by a path here: what is not found was there a moment ago, before the database lost history.
            Failure::NotFound
            | Failure::Conflict
            | Failure::Unavailable(_)
            | Failure::Behind(_)
            | Failure::TooManyAttempts(_) => {
                outage::met(&failure);
                OAuth2Error::Unavailable
            }
            Failure::Refused(_)
            | Failure::NotAllowed(_)
            | Failure::Unauthenticated(_)
            | Failure::KeyTaken(_)
            | Failure::KeyNotHeld(_)
            | Failure::Internal(_) => {
                tracing::error!(%failure, "internal error");
                OAuth2Error::Internal("The server failed to answer")
            }
        }
    }
}

impl From<DocumentFailure> for OAuth2Error {
    fn from(failure: DocumentFailure) -> Self {
        let text = failure.to_string();
        match failure {
            DocumentFailure::NotTrusted(_) | DocumentFailure::Barred => {
                OAuth2Error::ClientNotAdmitted(text)
            }
            DocumentFailure::Fetch(error) => {
                tracing::info!(?error, "a client's metadata document cannot be fetched");
                OAuth2Error::ClientDocument(text)
            }
            DocumentFailure::Shape(_) | DocumentFailure::Invalid(_) => {
                OAuth2Error::ClientDocument(text)
            }
            DocumentFailure::Failure(failure) => failure.into(),
        }
    }
}

impl From<TokenFailure> for OAuth2Error {
    fn from(failure: TokenFailure) -> Self {
        match failure {
            TokenFailure::Refused(Refused::Code) => OAuth2Error::InvalidCode,
            TokenFailure::Refused(Refused::Verifier) => OAuth2Error::InvalidVerifier,
            TokenFailure::Refused(Refused::RedirectUri) => OAuth2Error::RedirectUriMismatch,
            TokenFailure::Refused(Refused::Target) => OAuth2Error::InvalidTarget,
            TokenFailure::Refused(Refused::RefreshToken) => OAuth2Error::InvalidRefreshToken,
            TokenFailure::Failure(failure) => failure.into(),
        }
    }
}

impl IntoResponse for OAuth2Error {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let body = OAuth2ErrorBody {
            error: code.to_owned(),
            error_description: self.to_string(),
        };
        let mut response = (status, uncached(Json(body))).into_response();
        let headers = response.headers_mut();
        match self {
            OAuth2Error::InvalidClient => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Basic realm=\"coder\""),
                );
            }
            OAuth2Error::Unavailable => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            _ => {}
        }
        response
    }
}

/// Marks an answer that carries a token, a code or an error about one as not to be stored (RFC 6749 section 5.1).
pub fn uncached(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::super::parameters::Parameter;
    use super::*;

    #[test]
    fn a_wrong_client_is_challenged_and_nothing_is_stored() {
        let response = OAuth2Error::InvalidClient.into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(
            response.headers()[header::WWW_AUTHENTICATE],
            "Basic realm=\"coder\""
        );
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[header::PRAGMA], "no-cache");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/json; charset=utf-8"
        );
    }

    #[test]
    fn an_unavailable_ledger_says_when_to_retry() {
        let response = OAuth2Error::Unavailable.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn what_was_lost_while_a_request_was_under_way_is_to_be_asked_for_again() {
        let response = OAuth2Error::from(Failure::NotFound).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn a_malformed_request_names_what_is_wrong() {
        let error = OAuth2Error::from(ParametersError::Duplicate(Parameter::Code));
        assert_eq!(
            error.to_string(),
            "The request is missing required parameters or is otherwise malformed: \
             parameter \"code\" is given more than once"
        );
    }
}
