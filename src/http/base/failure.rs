//! How an operation that failed is answered by the management API.

use axum::http::StatusCode;
use chancery_aggregates::RefusalClass;
use chancery_operations::authenticate::Unauthenticated;
use chancery_operations::{Failure, Refused};

use super::error::{ApiError, Challenge, Validation};
use crate::rate_limit;

const SIGNED_OUT: &str =
    "You are signed out or your session has expired. Please sign in again to continue.";

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refused) => Self::of_refused(*refused),
            Failure::NotFound => Self::not_found(),
            Failure::NotAllowed(message) => Self::forbidden().with_message(message),
            Failure::Unauthenticated(reason) => Self::of_unauthenticated(&reason),
            Failure::TooManyAttempts(wait) => rate_limit::TooSoon(wait).into(),
            Failure::Conflict => {
                Self::conflict("The resource is being changed by another request. Try again.")
            }
            Failure::Behind(behind) => Self::unavailable(&behind).with_detail(
                "What was asked for is recorded, but not shown yet: a read model is behind.",
            ),
            Failure::Unavailable(cause) => Self::unavailable(&cause),
            failure @ (Failure::KeyTaken(_) | Failure::KeyNotHeld(_) | Failure::Internal(_)) => {
                Self::internal(&failure)
            }
        }
    }
}

impl ApiError {
    fn of_refused(refused: Refused) -> Self {
        let status = match refused.class {
            RefusalClass::NotFound => StatusCode::NOT_FOUND,
            RefusalClass::Taken => StatusCode::CONFLICT,
            RefusalClass::Invalid { .. } | RefusalClass::Impossible => StatusCode::BAD_REQUEST,
            RefusalClass::Forbidden => StatusCode::FORBIDDEN,
            RefusalClass::Fault => return Self::internal(&refused),
        };
        let fields = refused.fields.into_iter();
        let mut error = Self::new(status, refused.message).with_validations(
            fields
                .map(|one| Validation::new(one.field, one.detail))
                .collect(),
        );
        error.body.detail = refused.detail;
        error
    }

    fn of_unauthenticated(reason: &Unauthenticated) -> Self {
        let text = reason.to_string();
        match reason {
            Unauthenticated::Malformed(_)
            | Unauthenticated::Ended
            | Unauthenticated::WrongSecret => Self::signed_out(text, Challenge::InvalidToken),
            Unauthenticated::Expired(_) => Self::signed_out(text, Challenge::ExpiredToken),
            Unauthenticated::WrongAudience { .. } => {
                Self::new(StatusCode::FORBIDDEN, "Token audience validation failed")
                    .with_detail(text)
                    .with_challenge(Challenge::WrongAudience)
            }
            Unauthenticated::ScopeTooNarrow => Self::forbidden(),
            Unauthenticated::Suspended
            | Unauthenticated::NoProvisionerKey
            | Unauthenticated::WrongProvisionerKey
            | Unauthenticated::WrongProvisionerPsk
            | Unauthenticated::WrongPassword
            | Unauthenticated::AccountSuspended => {
                Self::unauthorized(text, Challenge::InvalidToken)
            }
            Unauthenticated::OtherLoginType(_) => Self::new(StatusCode::FORBIDDEN, text),
        }
    }

    /// 401: there is no good token, for the reason in `detail`.
    pub fn signed_out(detail: impl Into<String>, challenge: Challenge) -> Self {
        Self::unauthorized(SIGNED_OUT, challenge).with_detail(detail)
    }
}
