//! Query parameters in, with the API's own answer when they are wrong.

use axum::extract::{FromRequestParts, Query as AxumQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::{ApiError, Validation};

/// The query parameters. Unknown ones are ignored; one given twice, or of the wrong shape, is refused.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        AxumQuery::try_from_uri(&parts.uri)
            .map(|AxumQuery(parameters)| Self(parameters))
            .map_err(|rejection| {
                ApiError::invalid_query(vec![Validation::new("query", rejection.body_text())])
            })
    }
}
