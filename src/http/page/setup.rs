//! `/setup`: the page that makes the first user.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::secret::Secret;
use chancery_operations::{Guest, deployment, user};
use serde::Deserialize;

use super::frame::{CsrfToken, Page, of_api_error};
use super::login::Message;
use crate::http::base::{ApiError, AppState, NotSignedIn, csrf};
use crate::http::user::CreateFirstUserRequest;
use crate::setup_code;

#[derive(Template)]
#[template(path = "page/setup.html")]
#[expect(clippy::struct_field_names, reason = "the form field has this name")]
struct Setup<'a> {
    errors: Vec<String>,
    email: &'a str,
    username: &'a str,
    name: &'a str,
    /// The code that was sent; None where none is needed.
    setup_code: Option<&'a str>,
    csrf_token: &'a str,
}

/// The form's fields.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    csrf_token: String,
    #[serde(flatten)]
    user: CreateFirstUserRequest,
}

/// Shows the form, as long as there is no first user.
pub async fn show(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    headers: HeaderMap,
) -> Response {
    match deployment::has_first_user(&state.services).await {
        Ok(true) => return Redirect::to("/login").into_response(),
        Ok(false) => {}
        Err(failure) => return of_api_error(&failure.into()),
    }
    let csrf = CsrfToken::of(&headers, &state);
    let setup = Setup {
        errors: Vec::new(),
        email: "",
        username: "",
        name: "",
        setup_code: asks_for_code(&guest, &headers).then_some(""),
        csrf_token: &csrf.value,
    };
    Page::new(StatusCode::OK, &setup)
        .with_csrf(&csrf)
        .into_response()
}

/// Makes the first user and leads to the sign-in page, or shows the form again with the reasons.
pub async fn submit(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    headers: HeaderMap,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(Fields {
        csrf_token,
        user: fields,
    })) = form
    else {
        return of_api_error(&ApiError::bad_request("The form could not be read."));
    };
    let genuine = csrf::check_origin(&headers, &state.access_url)
        .and_then(|()| csrf::check_token(&headers, Some(&csrf_token)));
    if let Err(forged) = genuine {
        return of_api_error(&forged.into());
    }
    let asks_for_code = asks_for_code(&guest, &headers);
    let shown = CreateFirstUserRequest {
        password: Secret::default(),
        ..fields.clone()
    };
    let made = format!("/login?message={}", Message::FirstUserMade.code());
    let error = match make(&state, &guest, &headers, fields).await {
        Ok(()) => return Redirect::to(&made).into_response(),
        Err(error)
            if matches!(
                error.status,
                StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN
            ) =>
        {
            error
        }
        Err(error) if error.status == StatusCode::CONFLICT => {
            return Redirect::to("/login").into_response();
        }
        Err(error) => return of_api_error(&error),
    };
    let csrf = CsrfToken::of(&headers, &state);
    let setup = Setup {
        errors: explain(&error),
        email: &shown.email,
        username: &shown.username,
        name: &shown.name,
        setup_code: asks_for_code.then_some(shown.setup_code.as_str()),
        csrf_token: &csrf.value,
    };
    Page::new(error.status, &setup)
        .with_csrf(&csrf)
        .into_response()
}

async fn make(
    state: &AppState,
    guest: &Guest,
    headers: &HeaderMap,
    fields: CreateFirstUserRequest,
) -> Result<(), ApiError> {
    let client = guest.facts().client_address;
    let code = &fields.setup_code;
    state.setup_code.check(headers, client, code)?;
    user::create_first(guest, fields.into()).await?;
    Ok(())
}

fn asks_for_code(guest: &Guest, headers: &HeaderMap) -> bool {
    !setup_code::is_local(headers, guest.facts().client_address)
}

/// What is wrong, field by field where it is of fields.
fn explain(error: &ApiError) -> Vec<String> {
    let body = &error.body;
    if body.validations.is_empty() {
        return vec![body.message.to_string()];
    }
    body.validations.iter().map(explain_field).collect()
}

fn explain_field(validation: &crate::http::base::Validation) -> String {
    match validation.field.as_str() {
        "email" => "The e-mail address is not valid.".to_owned(),
        "username" => "The user name is not valid.".to_owned(),
        "name" => "The full name is not valid.".to_owned(),
        _ => validation.detail.clone(),
    }
}
