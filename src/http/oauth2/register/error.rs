//! Errors of registration and its management (RFC 7591 section 3.2.2; docs/contract/oauth2.md section 11).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_aggregates::oauth2::client_metadata::InvalidClientMetadata;
use chancery_operations::Failure;
use chancery_operations::oauth2_app::{RegistrationFailure, Unmanaged};
use utoipa::IntoResponses;

use super::super::error::{OAuth2Error, OAuth2ErrorBody, uncached};
use crate::http::base::family::Family;
use crate::http::base::{ApiError, Json};

/// The errors of managing a registration, for the API document.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes errors that are made apart")]
pub enum ManagementRefusal {
    /// The registration access token is missing or another client's, or there is no such client.
    #[response(status = 401)]
    InvalidToken(OAuth2ErrorBody),
    /// The client did not register itself.
    #[response(status = 403)]
    NotRegistered(OAuth2ErrorBody),
    /// Too many requests.
    #[response(status = 429)]
    TooMany(OAuth2ErrorBody),
    /// The server cannot answer now. Nothing is known to have happened.
    #[response(status = 503)]
    Unavailable(OAuth2ErrorBody),
}

/// Why a client is not registered, shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The body or path cannot be read.
    #[error("{}", .0.body.message)]
    Request(ApiError),
    /// The body is JSON of another shape than metadata has.
    #[error("{0}")]
    Shape(serde_json::Error),
    /// Refused, or failed.
    #[error("{0}")]
    Registration(RegistrationFailure),
    /// The path's id is no UUID.
    #[error("Invalid client_id")]
    ClientId,
    /// No `Authorization` header.
    #[error("Missing Authorization header")]
    NoHeader,
    /// Another scheme.
    #[error("Authorization header must use Bearer scheme")]
    NotBearer,
    /// A scheme without a token.
    #[error("Missing registration access token")]
    NoToken,
    /// The token is not the client's.
    #[error("{0}")]
    Unmanaged(Unmanaged),
}

impl From<ApiError> for RegistrationError {
    fn from(error: ApiError) -> Self {
        Self::Request(error)
    }
}

impl From<RegistrationFailure> for RegistrationError {
    fn from(failure: RegistrationFailure) -> Self {
        Self::Registration(failure)
    }
}

impl From<Failure> for RegistrationError {
    fn from(failure: Failure) -> Self {
        Self::Registration(failure.into())
    }
}

impl From<Unmanaged> for RegistrationError {
    fn from(unmanaged: Unmanaged) -> Self {
        Self::Unmanaged(unmanaged)
    }
}

impl IntoResponse for RegistrationError {
    fn into_response(self) -> Response {
        let description = self.to_string();
        let (status, code) = match self {
            Self::Request(error) => return Family::OAuth2.answer(error),
            Self::Registration(RegistrationFailure::Failure(failure)) => {
                return OAuth2Error::from(failure).into_response();
            }
            Self::Registration(RegistrationFailure::Disabled) => {
                (StatusCode::FORBIDDEN, "access_denied")
            }
            Self::Registration(RegistrationFailure::Invalid(
                InvalidClientMetadata::SoftwareStatement,
            )) => (StatusCode::BAD_REQUEST, "unapproved_software_statement"),
            Self::Shape(_)
            | Self::Registration(
                RegistrationFailure::Invalid(_)
                | RegistrationFailure::OtherClient
                | RegistrationFailure::ClientTypeIsFixed,
            ) => (StatusCode::BAD_REQUEST, "invalid_client_metadata"),
            Self::ClientId => (StatusCode::BAD_REQUEST, "invalid_client_id"),
            Self::NoHeader
            | Self::NotBearer
            | Self::NoToken
            | Self::Unmanaged(Unmanaged::Unknown | Unmanaged::WrongToken) => {
                (StatusCode::UNAUTHORIZED, "invalid_token")
            }
            Self::Unmanaged(Unmanaged::NotRegistered) => (StatusCode::FORBIDDEN, "invalid_token"),
        };
        let body = OAuth2ErrorBody {
            error: code.to_owned(),
            error_description: description,
        };
        let mut response = (status, uncached(Json(body))).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge =
                HeaderValue::from_static("Bearer realm=\"coder\", error=\"invalid_token\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
