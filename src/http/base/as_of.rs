//! `as_of=`: what a GET answered at an earlier position or time. It costs more than a read of the present, and has a rate of its own.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_ledger::Position;
pub use chancery_operations::past::AS_OF as PARAMETER;
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::{ApiError, Validation};
use super::query::Query;
use super::signed_in::SignedIn;
use super::state::AppState;
use crate::moment::{Moment, MomentError};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameter {
    as_of: Option<String>,
}

/// The position that a request asks about; None: now. An extractor, and the parameter's description.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(names("as_of"), parameter_in = Query)]
pub struct AsOfPosition(
    /// As it was at this position of the record, or time as in RFC 3339.
    #[param(value_type = Option<String>)]
    pub Option<Position>,
);

impl FromRequestParts<AppState> for AsOfPosition {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Query(Parameter { as_of }) = Query::from_request_parts(parts, state).await?;
        let Some(text) = as_of else {
            return Ok(Self(None));
        };
        let signed_in = <SignedIn as FromRequestParts<AppState>>::from_request_parts(parts, state);
        let SignedIn(caller) = signed_in.await?;
        state.limiters.check_past(caller.user_id())?;
        // In a query, an unescaped `+` of a time zone reads as a space.
        let moment: Moment = text.replace(' ', "+").parse().map_err(|_| {
            invalid("Query param \"as_of\" must be a position, or a time as in RFC 3339")
        })?;
        let position = moment.position(&state.services.reader()).await?;
        Ok(Self(Some(position)))
    }
}

fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::invalid_query(vec![Validation::new(PARAMETER, detail)])
}

impl From<MomentError> for ApiError {
    fn from(error: MomentError) -> Self {
        match error {
            MomentError::Read(error) => error.into(),
            error => invalid(error.to_string()),
        }
    }
}
