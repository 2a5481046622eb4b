//! `/login`: the sign-in page.

use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::secret::Secret;
use chancery_operations::{deployment, user};
use serde::Deserialize;
use url::form_urlencoded;

use super::frame::{CsrfToken, Page, of_api_error, same_site};
use crate::http::base::{ApiError, AppState, NotSignedIn, SignedIn, cookie, csrf};

#[derive(Template)]
#[template(path = "page/login.html")]
struct Login<'a> {
    message: Option<&'a str>,
    error: Option<&'a str>,
    redirect: &'a str,
    email: &'a str,
    csrf_token: &'a str,
}

/// The page's query parameters.
#[derive(Debug, Default, Deserialize)]
pub struct Target {
    redirect: Option<String>,
    message: Option<String>,
}

/// What the page may be told to say: by code, since text in a link would be anybody's.
#[derive(Clone, Copy, Debug)]
pub enum Message {
    /// The first user has just been made.
    FirstUserMade,
    /// What was asked for needs a session.
    SignInFirst,
}

impl Message {
    const ALL: [Self; 2] = [Self::FirstUserMade, Self::SignInFirst];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FirstUserMade => "first-user-made",
            Self::SignInFirst => "sign-in-first",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::FirstUserMade => "The first user is made. Sign in to go on.",
            Self::SignInFirst => "Sign in to continue to the application.",
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.code() == code)
    }
}

/// The form's fields.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    csrf_token: String,
    #[serde(default)]
    redirect: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: Secret,
}

/// Leads to the sign-in page, and from there back to this address.
pub fn lead_to_sign_in(uri: &Uri) -> Response {
    let back = uri.path_and_query().map_or("/", |path| path.as_str());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("message", Message::SignInFirst.code())
        .append_pair("redirect", back)
        .finish();
    Redirect::to(&format!("/login?{query}")).into_response()
}

/// Shows the form. Those who are signed in go straight on.
pub async fn show(
    State(state): State<AppState>,
    caller: Result<Option<SignedIn>, ApiError>,
    target: Result<Query<Target>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let target = target.map(|Query(target)| target).unwrap_or_default();
    let redirect = same_site(target.redirect.as_deref());
    match caller {
        Ok(Some(_)) => return Redirect::to(redirect).into_response(),
        Ok(None) => {}
        Err(error) => return of_api_error(&error),
    }
    match deployment::has_first_user(&state.services).await {
        Ok(true) => {}
        Ok(false) => return Redirect::to("/setup").into_response(),
        Err(failure) => return of_api_error(&failure.into()),
    }
    let csrf = CsrfToken::of(&headers, &state);
    let login = Login {
        message: target
            .message
            .as_deref()
            .and_then(Message::of_code)
            .map(Message::text),
        error: None,
        redirect,
        email: "",
        csrf_token: &csrf.value,
    };
    Page::new(StatusCode::OK, &login)
        .with_csrf(&csrf)
        .into_response()
}

/// Signs in and goes on, or shows the form again with the reason.
pub async fn submit(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    headers: HeaderMap,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = form else {
        return of_api_error(&ApiError::bad_request("The form could not be read."));
    };
    let genuine = csrf::check_origin(&headers, &state.access_url)
        .and_then(|()| csrf::check_token(&headers, Some(&fields.csrf_token)));
    if let Err(forged) = genuine {
        return of_api_error(&forged.into());
    }
    let redirect = same_site(Some(&fields.redirect));
    let signed_in = user::sign_in(&guest, &fields.email, fields.password).await;
    match signed_in.map_err(ApiError::from) {
        Ok(token) => {
            let mut response = Redirect::to(redirect).into_response();
            let lifetime = state.config.lifetimes.session;
            if let Some(cookie) = cookie::set_session(&token, lifetime, state.secure_cookies()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) if error.status.is_client_error() => {
            let csrf = CsrfToken::of(&headers, &state);
            let login = Login {
                message: None,
                error: Some(&error.body.message),
                redirect,
                email: &fields.email,
                csrf_token: &csrf.value,
            };
            let mut response = Page::new(error.status, &login)
                .with_csrf(&csrf)
                .into_response();
            if let Some(wait) = error.retry_after() {
                response.headers_mut().insert(
                    header::RETRY_AFTER,
                    crate::http::base::error::retry_after_header(wait),
                );
            }
            response
        }
        Err(error) => of_api_error(&error),
    }
}
