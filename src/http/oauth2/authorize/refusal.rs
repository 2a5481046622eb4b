//! How a refused authorization request is answered: to people as a page, to programs as JSON (docs/contract/oauth2.md sections 3, 4).

use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_operations::Failure;

use super::super::error::OAuth2Error;
use super::redirect::location;
use super::request::{AuthorizationRequestError, UNSUPPORTED_RESPONSE_TYPE};
use super::see_client::see_client;
use crate::http::base::{ApiError, AppState};
use crate::http::page;

/// Why no consent page is shown and no code is issued.
#[derive(Debug)]
pub enum Refusal {
    /// The client cannot be found, or the ledger cannot answer.
    OAuth2(OAuth2Error),
    /// The request's parameters are refused.
    Request(AuthorizationRequestError),
    /// Nobody is signed in, the CSRF proof is missing, or the policy says no.
    Session(ApiError),
}

impl From<OAuth2Error> for Refusal {
    fn from(error: OAuth2Error) -> Self {
        Refusal::OAuth2(error)
    }
}

impl From<AuthorizationRequestError> for Refusal {
    fn from(error: AuthorizationRequestError) -> Self {
        Refusal::Request(error)
    }
}

/// What fails between consent and code is the caller's, told as the management API does, or the server's.
impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(_)
            | Failure::NotFound
            | Failure::NotAllowed(_)
            | Failure::Unauthenticated(_)
            | Failure::TooManyAttempts(_) => Refusal::Session(failure.into()),
            Failure::KeyTaken(_)
            | Failure::KeyNotHeld(_)
            | Failure::Conflict
            | Failure::Behind(_)
            | Failure::Unavailable(_)
            | Failure::Internal(_) => Refusal::OAuth2(failure.into()),
        }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Refusal::Session(error)
    }
}

impl Refusal {
    /// The answer to the request with the head `parts`.
    pub fn answer(self, state: &AppState, parts: &Parts) -> Response {
        match self {
            Refusal::Request(AuthorizationRequestError::UnsupportedResponseType {
                redirect_target,
                state: value,
            }) => {
                let mut parameters = vec![
                    ("error", "unsupported_response_type"),
                    ("error_description", UNSUPPORTED_RESPONSE_TYPE),
                ];
                parameters.extend(value.as_deref().map(|value| ("state", value)));
                parameters.push(("iss", state.access_url.as_str()));
                see_client(&location(&redirect_target, &parameters))
            }
            Refusal::Request(error) if parts.method == Method::POST => {
                OAuth2Error::from(error).into_response()
            }
            Refusal::Request(error) => invalid_parameters_page(error),
            Refusal::OAuth2(error) if wants_page(parts) => error_page(&error),
            Refusal::OAuth2(error) => error.into_response(),
            Refusal::Session(error)
                if wants_page(parts) && error.status == StatusCode::UNAUTHORIZED =>
            {
                page::lead_to_sign_in(&parts.uri)
            }
            Refusal::Session(error) if wants_page(parts) => page::of_api_error(&error),
            Refusal::Session(error) => error.into_response(),
        }
    }
}

/// Whether a browser asks: it names HTML among what it accepts, programs do not.
fn wants_page(parts: &Parts) -> bool {
    let accepted = parts
        .headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .any(|kind| kind.trim().starts_with("text/html"))
}

/// The page of docs/contract/oauth2.md section 4.3: nobody is redirected.
fn invalid_parameters_page(error: AuthorizationRequestError) -> Response {
    let details = match error {
        AuthorizationRequestError::Invalid(details) => details,
        other => vec![OAuth2Error::from(other).to_string()],
    };
    page::error(
        StatusCode::BAD_REQUEST,
        "Invalid Query Parameters",
        "One or more query parameters are missing or invalid.",
        &details,
    )
    .into_response()
}

/// A page with the error's code, which also says how to recover from a client id that is no longer known.
fn error_page(error: &OAuth2Error) -> Response {
    let (status, code) = error.status_and_code();
    let mut details = vec![format!("{code}: {error}")];
    if matches!(error, OAuth2Error::InvalidClient) {
        details.push(
            "The application is not registered here, or no longer. Register it again and retry."
                .to_owned(),
        );
    }
    page::error(
        status,
        "The application cannot be authorized",
        "Nothing was granted.",
        &details,
    )
    .into_response()
}
