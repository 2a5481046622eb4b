//! `/setup`: the page that makes the first user.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::{deployment, user};
use serde::Deserialize;

use super::frame::{CsrfToken, Page, of_api_error};
use crate::http::base::{ApiError, AppState, NotSignedIn, csrf};
use crate::http::user::CreateFirstUserRequest;

const DONE: &str = "/login?message=The+first+user+is+made.+Sign+in+to+go+on.";

#[derive(Template)]
#[template(path = "page/setup.html")]
struct Setup<'a> {
    errors: Vec<String>,
    email: &'a str,
    username: &'a str,
    name: &'a str,
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
pub async fn show(State(state): State<AppState>, headers: HeaderMap) -> Response {
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
    let (email, username, name) = (
        fields.email.clone(),
        fields.username.clone(),
        fields.name.clone(),
    );
    let created = user::create_first(&guest, fields.into()).await;
    let error = match created.map_err(ApiError::from) {
        Ok(_) => return Redirect::to(DONE).into_response(),
        Err(error) if error.status == StatusCode::BAD_REQUEST => error,
        Err(error) if error.status == StatusCode::CONFLICT => {
            return Redirect::to("/login").into_response();
        }
        Err(error) => return of_api_error(&error),
    };
    let csrf = CsrfToken::of(&headers, &state);
    let setup = Setup {
        errors: error.body.validations.iter().map(explain).collect(),
        email: &email,
        username: &username,
        name: &name,
        csrf_token: &csrf.value,
    };
    Page::new(StatusCode::BAD_REQUEST, &setup)
        .with_csrf(&csrf)
        .into_response()
}

fn explain(validation: &crate::http::base::Validation) -> String {
    match validation.field.as_str() {
        "email" => "The e-mail address is not valid.".to_owned(),
        "username" => "The user name is not valid.".to_owned(),
        "name" => "The full name is not valid.".to_owned(),
        _ => validation.detail.clone(),
    }
}
