//! `POST /logout`: sign out, from a page.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::user;
use serde::Deserialize;

use super::frame::of_api_error;
use crate::http::base::{ApiError, AppState, FormSignedIn, cookie};

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    csrf_token: String,
}

/// Ends the session and leads to the start page.
pub async fn submit(
    State(state): State<AppState>,
    session: Result<Option<FormSignedIn>, ApiError>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let csrf_token = form
        .map(|Form(fields)| fields.csrf_token)
        .unwrap_or_default();
    match end(&state, session, &csrf_token).await {
        Ok(cookie) => {
            let mut response = Redirect::to("/").into_response();
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => of_api_error(&error),
    }
}

async fn end(
    state: &AppState,
    session: Result<Option<FormSignedIn>, ApiError>,
    csrf_token: &str,
) -> Result<Option<HeaderValue>, ApiError> {
    if let Some(session) = session? {
        let caller = session.confirm(Some(csrf_token))?;
        user::sign_out(&caller).await?;
    }
    Ok(cookie::clear_session(state.secure_cookies()))
}
