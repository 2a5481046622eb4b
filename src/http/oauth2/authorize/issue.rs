//! `POST /oauth2/authorize`: the user allows the request, and a code is issued.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use chancery_aggregates::oauth2_app::OAuth2App;
use chancery_operations::Failure;
use chancery_operations::authenticate::Presumed;
use chancery_operations::oauth2_grant::{self, ConsentedRequest};

use super::super::client;
use super::super::error::{OAuth2ErrorBody, OAuth2OrSessionError};
use super::super::parameters::{Parameter, Parameters};
use super::redirect::location;
use super::refusal::Refusal;
use super::request::{AuthorizationRequest, AuthorizationRequestError};
use super::see_client::see_client;
use super::shared::{find_client, read_request};
use crate::http::base::{AppState, ErrorBody, FormSignedIn};
use crate::secret::ExposeSecret as _;

/// Issues an authorization code: the user's consent. A browser's form needs the CSRF token of the consent page; a
/// session in a header needs nothing more. An app's own access token cannot consent: no app gives itself more apps.
#[utoipa::path(
    post,
    path = "/oauth2/authorize",
    operation_id = "authorize_oauth2_app",
    params(super::shared::AuthorizeQuery),
    request_body(
        description = "The consent page's form; empty for sessions in a header.",
        content_type = "application/x-www-form-urlencoded",
        content = Option<super::shared::ConsentForm>,
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
    let (query, named) = find_client(state, parts).await?;
    let caller = confirmed_caller(state, parts, body).await?;
    let client = named.for_caller(&caller).await?;
    let (client, _) = read_request(state, &query, client).await?;
    let checked = |app: &OAuth2App| {
        let request = AuthorizationRequest::parse(&query, client::registered(app))?;
        Ok::<_, AuthorizationRequestError>(consent_to(request))
    };
    let issued = oauth2_grant::issue(&caller, client.id, checked).await?;
    let (code, back) = issued?;
    let parameters = [
        ("code", code.expose_secret()),
        ("state", &*back.state),
        ("iss", state.access_url.as_str()),
    ];
    Ok(see_client(&location(&back.redirect_target, &parameters)))
}

/// Where the answer goes, and what goes with it.
struct Back {
    redirect_target: String,
    state: String,
}

fn consent_to(request: AuthorizationRequest) -> (ConsentedRequest, Back) {
    let consented = ConsentedRequest {
        state_hash: Some(request.state_hash()),
        redirect_uri: request.redirect_uri,
        resource: request.resource,
        code_challenge: request.code_challenge,
        scope: request.scope,
    };
    let back = Back {
        redirect_target: request.redirect_target,
        state: request.state,
    };
    (consented, back)
}

/// The caller, once it is known to have sent this request.
async fn confirmed_caller(
    state: &AppState,
    parts: &mut Parts,
    body: Body,
) -> Result<Presumed, Refusal> {
    let signed_in =
        <FormSignedIn<Presumed> as FromRequestParts<AppState>>::from_request_parts(parts, state)
            .await?;
    let form = if parts.headers.contains_key(header::CONTENT_TYPE) {
        Parameters::from_form(&parts.headers, body)
            .await
            .unwrap_or_default()
    } else {
        Parameters::default()
    };
    let caller = signed_in.confirm(form.get(Parameter::CsrfToken))?;
    // Before the request is looked at: an app learns nothing of what it may not ask for.
    if caller.is_app() {
        return Err(Failure::NOT_ALLOWED.into());
    }
    Ok(caller)
}
