//! `POST /oauth2/authorize`: the user allows the request, and a code is issued.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use chancery_aggregates::oauth2_grant::{Command, IssueCode, OAuth2Grant};
use chancery_ledger::AppendError;
use chancery_projections::oauth2_app::Client;
use chrono::TimeDelta;

use crate::http::{ApiError, AppState, ErrorBody, FormSession, RequestFacts, Session};
use crate::policy::{Action, Resource};
use crate::secret::{NewPrefixedSecret, short_id};

use super::super::client;
use super::super::error::{OAuth2Error, OAuth2ErrorBody, OAuth2OrSessionError};
use super::super::parameters::{Parameter, Parameters};
use super::redirect::location;
use super::refusal::Refusal;
use super::request::AuthorizationRequest;
use super::{find_client, see_client};

#[cfg(test)]
mod tests;

/// A code's lifetime (oauth2.md section 7.5).
const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How often it is decided anew when the session's user changed in between.
const ATTEMPTS: u32 = 5;

const OPERATION: &str = "Failed to generate OAuth2 app authorization code";

/// Issues an authorization code: the user's consent. A browser's form needs the CSRF token of the consent page; a
/// session in a header needs nothing more. An app's own access token cannot consent: no app gives itself more apps.
#[utoipa::path(
    post,
    path = "/oauth2/authorize",
    operation_id = "authorize_oauth2_app",
    tag = "OAuth2",
    params(super::AuthorizeQuery),
    request_body(
        description = "The consent page's form; empty for sessions in a header.",
        content_type = "application/x-www-form-urlencoded",
        content = Option<super::ConsentForm>,
    ),
    responses(
        (status = 302, description = "Back to the client, with `code`, `state` and `iss`."),
        (status = 303, description = "A browser without a session is led to the sign-in page."),
        (status = 400, description = "Parameters are missing or invalid. Nobody is redirected.", content(
            (OAuth2ErrorBody = "application/json"),
            (String = "text/html"),
        )),
        (status = 401, description = "The client is unknown, or no session is shown. Browsers get a page.", content(
            (OAuth2OrSessionError = "application/json"),
            (String = "text/html"),
        )),
        (status = 403, description = "The CSRF proof is missing, or an access token tries to consent.", content(
            (ErrorBody = "application/json"),
            (String = "text/html"),
        )),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now.", content(
            (OAuth2OrSessionError = "application/json"),
            (String = "text/html"),
        )),
    ),
)]
pub async fn submit(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    match allow(&state, &mut parts, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.answer(&state, &parts),
    }
}

async fn allow(state: &AppState, parts: &mut Parts, body: Body) -> Result<Response, Refusal> {
    let (query, client) = find_client(state, parts).await?;
    let session = confirmed_session(state, parts, body).await?;
    let request = AuthorizationRequest::parse(&query, client::registered(&client))?;
    let code = issue(state, parts, &client, &session, &request).await?;
    let parameters = [
        ("code", code.text.expose()),
        ("state", &*request.state),
        ("iss", state.access_url.as_str()),
    ];
    Ok(see_client(&location(&request.redirect_target, &parameters)))
}

/// The session, once it is known that its holder sent this request.
async fn confirmed_session(
    state: &AppState,
    parts: &mut Parts,
    body: Body,
) -> Result<Session, Refusal> {
    let session =
        <FormSession as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
    let form = if parts.headers.contains_key(header::CONTENT_TYPE) {
        Parameters::from_form(&parts.headers, body)
            .await
            .unwrap_or_default()
    } else {
        Parameters::default()
    };
    let session = session.confirm(form.get(Parameter::CsrfToken))?;
    if session.credential.oauth2.is_some() {
        return Err(ApiError::forbidden().into());
    }
    Ok(session)
}

/// Records the code. No code is issued with a session that has ended.
async fn issue(
    state: &AppState,
    parts: &Parts,
    client: &Client,
    session: &Session,
    request: &AuthorizationRequest,
) -> Result<NewPrefixedSecret, Refusal> {
    let user_id = session.user_id();
    let permit = session.decide(Action::Create, Resource::OAuth2Grant { user_id })?;
    let code = NewPrefixedSecret::generate(short_id(&state.randomness), &state.randomness);
    let mut attempt = 1;
    loop {
        let context = RequestFacts::of(parts).command(state, &session.actor());
        let command = Command::IssueCode(IssueCode {
            app_id: client.app.id,
            user_id,
            hashed_code: code.hash.clone(),
            redirect_uri: request.redirect_uri.clone(),
            resource_uri: request.resource.clone(),
            code_challenge: request.code_challenge.clone(),
            scope: request.scope.clone(),
            state_hash: Some(request.state_hash()),
            exclusive: !client.app.allow_multiple_grants,
            code_expires_at: context.now + CODE_LIFETIME,
            issued_at: context.now,
        });
        let mut unit = session.unit_of_work(state, &permit, &context).await?;
        unit.execute_new::<OAuth2Grant>(&code.prefix, command)
            .await
            .map_err(|error| {
                OAuth2Error::of_execute(error, OPERATION, |refused| {
                    tracing::error!(%refused, "a new grant's id is taken");
                    OAuth2Error::Internal(OPERATION)
                })
            })?;
        match unit.commit().await {
            Ok(_) => return Ok(code),
            Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(OAuth2Error::of_append(&error, OPERATION).into()),
        }
    }
}
