//! The management API's error answer (docs/contract/core.md 1.1).

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_aggregates::validation::InvalidValue;
use chancery_ledger::{ReadError, ReplayError};
use chancery_operations::Failure;
use serde::Serialize;
use utoipa::ToSchema;

use super::outage;
use crate::rate_limit;

/// The body of every error of the management API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong, for a person.
    pub message: Cow<'static, str>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which fields of the request are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub validations: Vec<Validation>,
}

/// One field of a request that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Validation {
    /// The field's or query parameter's name.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Validation {
    /// `field` is at fault because of `detail`.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }

    /// `field` breaks a rule, in the words of the contract.
    pub fn invalid(field: &str, value: &InvalidValue) -> Self {
        Self::new(field, value.to_string())
    }

    /// The fields that break a rule.
    pub fn all<'a>(
        fields: impl IntoIterator<Item = (&'a str, Option<&'a InvalidValue>)>,
    ) -> Vec<Self> {
        let fields = fields.into_iter();
        fields
            .filter_map(|(field, invalid)| Some(Self::invalid(field, invalid?)))
            .collect()
    }
}

/// What a 401 or 403 says in `WWW-Authenticate` (docs/contract/oauth2.md 8). The answer's edge writes the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// No token, or one that is not valid.
    InvalidToken,
    /// The token was valid once.
    ExpiredToken,
    /// The token is for another resource.
    WrongAudience,
    /// The token is valid and does not suffice.
    InsufficientScope,
}

/// An error of the management API: a status and a body.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The answer's status.
    pub status: StatusCode,
    /// The answer's body.
    pub body: Box<ErrorBody>,
    challenge: Option<Challenge>,
    retry_after: Option<Duration>,
}

const FORBIDDEN_DETAIL: &str = "You don't have permission to view this content. If you believe this is a mistake, please contact your \
     administrator or try signing in with different credentials.";

impl ApiError {
    /// An error of `status` with `message`.
    pub fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            body: Box::new(ErrorBody {
                message: message.into(),
                detail: None,
                validations: Vec::new(),
            }),
            challenge: None,
            retry_after: None,
        }
    }

    /// With another message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.body.message = message.into();
        self
    }

    /// With more about it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.body.detail = Some(detail.into());
        self
    }

    /// With the fields at fault.
    #[must_use]
    pub fn with_validations(mut self, validations: Vec<Validation>) -> Self {
        self.body.validations = validations;
        self
    }

    /// With a `WWW-Authenticate` header.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// 400 with `message`.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400: the body is no JSON, or not of the right shape.
    pub fn invalid_json(detail: impl Into<String>) -> Self {
        Self::bad_request("Request body must be valid JSON.").with_detail(detail)
    }

    /// 400: fields of the body break rules.
    pub fn validation_failed(validations: Vec<Validation>) -> Self {
        Self::bad_request("Validation failed.").with_validations(validations)
    }

    /// 400: query parameters have invalid values.
    pub fn invalid_query(validations: Vec<Validation>) -> Self {
        Self::bad_request("Query parameters have invalid values.").with_validations(validations)
    }

    /// 400: a path segment that must be a UUID is none.
    pub fn invalid_uuid(text: &str) -> Self {
        Self::bad_request(format!("Invalid UUID \"{text}\"."))
    }

    /// 401 with `message`.
    pub fn unauthorized(message: impl Into<Cow<'static, str>>, challenge: Challenge) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message).with_challenge(challenge)
    }

    /// 403: the subject sees the resource and may not do that.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden.")
            .with_detail(FORBIDDEN_DETAIL)
            .with_challenge(Challenge::InsufficientScope)
    }

    /// 404: it does not exist, or the subject may not know.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Resource not found or you do not have access to this resource",
        )
    }

    /// 404: no such route.
    pub fn route_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Route not found.")
    }

    /// 405: the route does not take this method.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.")
    }

    /// 409 with `message`.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 413: the body is larger than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large.")
            .with_detail(format!("A request body has at most {limit} bytes."))
    }

    /// 500. The cause is logged, in the request's span and so with its id, and not sent.
    pub fn internal(cause: &(impl fmt::Display + ?Sized)) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "An internal server error occurred.",
        )
    }

    /// 503: the database is away or too busy; trying again soon is worth while. The cause is logged and not sent.
    pub fn unavailable(cause: &(impl fmt::Display + ?Sized)) -> Self {
        outage::met(cause);
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The server cannot answer right now. Try again soon.",
        );
        error.retry_after = Some(Duration::from_secs(1));
        error
    }

    /// How long the client is told to wait before trying again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

/// `Retry-After` is in whole seconds, rounded up.
pub fn retry_after_header(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

impl From<rate_limit::TooSoon> for ApiError {
    fn from(refused: rate_limit::TooSoon) -> Self {
        let seconds = refused.0.as_secs() + u64::from(refused.0.subsec_nanos() > 0);
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "You've been rate limited for sending too many requests!",
        )
        .with_detail(format!("Try again in {seconds} s."));
        error.retry_after = Some(refused.0);
        error
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        Failure::from(error).into()
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::UnknownType(_) | ReplayError::UnknownStream(..) => Self::not_found(),
            ReplayError::NotYet { .. } => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            ReplayError::Read(error) => error.into(),
            error @ (ReplayError::Undecodable { .. } | ReplayError::State(_)) => {
                Self::internal(&error)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, super::json::Json(&*self.body)).into_response();
        if let Some(wait) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, retry_after_header(wait));
        }
        if let Some(challenge) = self.challenge {
            response.extensions_mut().insert(challenge);
        }
        response
    }
}
