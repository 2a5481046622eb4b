//! `POST /api/v2/users/logout`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chancery_operations::user;

use crate::http::base::message::Message;
use crate::http::base::{ApiError, AppState, Json, SignedIn, WriteRefusal, cookie};

/// Signs out: the key of this request is deleted.
#[utoipa::path(
    post,
    path = "/api/v2/users/logout",
    responses(
        (status = 200, body = Message),
        WriteRefusal,
    )
)]
pub async fn log_out(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    user::sign_out(&caller).await?;
    let mut response = Json(Message::new("Logged out!")).into_response();
    if let Some(cookie) = cookie::clear_session(state.secure_cookies()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
