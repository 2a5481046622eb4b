//! `/account/apps`: the apps that a person lets act for them, and how to take that back.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use chancery_operations::oauth2_grant::{self, GivenGrant};
use chancery_operations::{Caller, Failure};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::frame::{CsrfToken, Page, of_api_error};
use super::login::lead_to_sign_in;
use crate::http::base::{ApiError, AppState, FormSignedIn, SignedIn};

/// How many apps are shown before the rest is folded.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "page/apps.html")]
struct Connected<'a> {
    username: &'a str,
    apps: Vec<App>,
    folded: Vec<App>,
    csrf_token: &'a str,
}

/// An app as the page shows it.
struct App {
    grant: String,
    name: String,
    /// Who made it, where that was no administrator.
    origin: Option<String>,
    /// `None`: this server.
    resource: Option<String>,
    scope: String,
    since: String,
    last_used: Option<String>,
    until: Option<String>,
}

impl From<GivenGrant> for App {
    fn from(given: GivenGrant) -> Self {
        let until = given.expires_at().map(day);
        let (grant, app) = (given.grant, given.app.thing);
        let by_itself = app
            .is_self_registered()
            .then(|| "registered itself".to_owned());
        let origin = app
            .document_host()
            .map(|host| format!("describes itself at {host}"))
            .or(by_itself);
        Self {
            origin,
            name: app.settings.name.into(),
            resource: grant.audience,
            scope: grant.scope,
            since: day(grant.exchanged_at.unwrap_or(grant.issued_at)),
            last_used: given.last_used_at.map(day),
            until,
            grant: grant.id,
        }
    }
}

fn day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}

/// Shows the apps, or leads to the sign-in page.
pub async fn show(
    State(state): State<AppState>,
    caller: Result<Option<SignedIn>, ApiError>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match caller {
        Ok(Some(SignedIn(caller))) => match page(&state, &caller, &headers).await {
            Ok(page) => page.into_response(),
            Err(failure) => of_api_error(&failure.into()),
        },
        Ok(None) => lead_to_sign_in(&uri),
        Err(error) => of_api_error(&error),
    }
}

async fn page(state: &AppState, caller: &Caller, headers: &HeaderMap) -> Result<Page, Failure> {
    let given = oauth2_grant::list_given(caller, caller.user_id()).await?;
    let mut apps: Vec<App> = given.into_iter().map(App::from).collect();
    let folded = apps.split_off(SHOWN.min(apps.len()));
    let csrf = CsrfToken::of(headers, state);
    let template = Connected {
        username: &caller.credential().user.username,
        apps,
        folded,
        csrf_token: &csrf.value,
    };
    Ok(Page::new(StatusCode::OK, &template).with_csrf(&csrf))
}

/// The form's fields.
#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    csrf_token: String,
    /// Which grant.
    grant: Option<String>,
    /// Present: all of them.
    everything: Option<String>,
}

/// Takes one grant back, or all, and shows what is left.
pub async fn withdraw(
    session: Result<Option<FormSignedIn>, ApiError>,
    uri: Uri,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let Ok(Form(fields)) = form else {
        return of_api_error(&ApiError::bad_request("The form could not be read."));
    };
    let session = match session {
        Ok(Some(session)) => session,
        Ok(None) => return lead_to_sign_in(&uri),
        Err(error) => return of_api_error(&error),
    };
    match end(session, fields).await {
        Ok(()) => Redirect::to("/account/apps").into_response(),
        Err(error) => of_api_error(&error),
    }
}

async fn end(session: FormSignedIn, fields: Fields) -> Result<(), ApiError> {
    let caller = session.confirm(Some(&fields.csrf_token))?;
    let user_id = caller.user_id();
    match (fields.grant, fields.everything) {
        (Some(grant), None) => match oauth2_grant::withdraw(&caller, user_id, &grant).await {
            // It is what was wanted.
            Ok(()) | Err(Failure::NotFound) => Ok(()),
            Err(failure) => Err(failure.into()),
        },
        (None, Some(_)) => Ok(oauth2_grant::withdraw_all(&caller, user_id).await?),
        (Some(_), Some(_)) | (None, None) => {
            Err(ApiError::bad_request("The form could not be read."))
        }
    }
}
