//! The way back to the client.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::error::{OAuth2Error, uncached};

/// Sends the browser back to the client.
pub fn see_client(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return OAuth2Error::Internal("The redirect URI is not a header value").into_response();
    };
    // The code must not travel on in a Referer.
    let headers = [
        (header::LOCATION, location),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    uncached((StatusCode::FOUND, headers))
}
