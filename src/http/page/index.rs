//! `GET /`: who is signed in, and where to go.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::deployment;

use super::frame::{CsrfToken, Page, of_api_error};
use crate::http::base::{ApiError, AppState, SignedIn};
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
    caller: Result<Option<SignedIn>, ApiError>,
    headers: HeaderMap,
) -> Response {
    let caller = match caller {
        Ok(caller) => caller,
        Err(error) => return of_api_error(&error),
    };
    if caller.is_none() {
        match deployment::has_first_user(&state.services).await {
            Ok(true) => {}
            Ok(false) => return Redirect::to("/setup").into_response(),
            Err(failure) => return of_api_error(&failure.into()),
        }
    }
    let csrf = CsrfToken::of(&headers, &state);
    let index = Index {
        username: caller
            .as_ref()
            .map(|SignedIn(caller)| &*caller.credential().user.username),
        csrf_token: &csrf.value,
        version: BUILD_VERSION,
    };
    Page::new(StatusCode::OK, &index)
        .with_csrf(&csrf)
        .into_response()
}
