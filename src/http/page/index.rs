//! `GET /`: who is signed in, and where to go.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::{CsrfToken, Page, of_api_error};
use crate::http::{ApiError, AppState, Session};
use crate::version::BUILD_VERSION;

#[derive(Template)]
#[template(path = "page/index.html")]
struct Index<'a> {
    username: Option<&'a str>,
    csrf_token: &'a str,
    version: &'static str,
}

/// Shows the start page, or leads to the first-user page.
pub async fn show(
    State(state): State<AppState>,
    session: Result<Option<Session>, ApiError>,
    headers: HeaderMap,
) -> Response {
    let session = match session {
        Ok(session) => session,
        Err(error) => return of_api_error(&error),
    };
    if session.is_none() {
        match state.has_first_user().await {
            Ok(true) => {}
            Ok(false) => return Redirect::to("/setup").into_response(),
            Err(error) => return of_api_error(&error),
        }
    }
    let csrf = CsrfToken::of(&headers, &state);
    let index = Index {
        username: session
            .as_ref()
            .map(|session| &*session.credential.user.username),
        csrf_token: &csrf.value,
        version: BUILD_VERSION,
    };
    Page::new(StatusCode::OK, &index)
        .with_csrf(&csrf)
        .into_response()
}
