//! The two shapes of errors that are not a handler's own.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::{ApiError, retry_after_header};
use super::json::Json;

/// Which shape the errors of a path have, where they are not the handler's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `{"message": …}` (docs/contract/core.md 1.1).
    Management,
    /// `{"error": …, "error_description": …}` (docs/contract/oauth2.md 1.1).
    OAuth2,
}

/// An OAuth2 protocol error.
#[derive(Serialize)]
struct OAuth2Error<'a> {
    error: &'static str,
    error_description: &'a str,
}

impl Family {
    /// The family of `path`.
    pub fn of(path: &str) -> Self {
        if path.starts_with("/oauth2/") || path.starts_with("/api/v2/oauth2/") {
            Self::OAuth2
        } else {
            Self::Management
        }
    }

    /// `error` in this family's shape, with the same status and headers.
    pub fn answer(self, error: ApiError) -> Response {
        match self {
            Self::Management => error.into_response(),
            Self::OAuth2 => {
                let code = match error.status {
                    StatusCode::INTERNAL_SERVER_ERROR => "server_error",
                    StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                        "temporarily_unavailable"
                    }
                    _ => "invalid_request",
                };
                let mut response = (
                    error.status,
                    Json(OAuth2Error {
                        error: code,
                        error_description: &error.body.message,
                    }),
                )
                    .into_response();
                if let Some(wait) = error.retry_after() {
                    response
                        .headers_mut()
                        .insert(header::RETRY_AFTER, retry_after_header(wait));
                }
                response
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protocol_paths_answer_with_protocol_errors() {
        assert_eq!(Family::of("/oauth2/tokens"), Family::OAuth2);
        assert_eq!(Family::of("/api/v2/oauth2/tokens"), Family::OAuth2);
        assert_eq!(
            Family::of("/api/v2/oauth2-provider/apps"),
            Family::Management
        );
    }
}
