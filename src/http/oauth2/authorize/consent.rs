//! `GET /oauth2/authorize`: the consent page.

use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chancery_aggregates::oauth2::resource::Resource;
use chancery_operations::Caller;
use chancery_operations::oauth2_app::Client;
use url::{Host, Url};

use crate::http::base::{AppState, ErrorBody, SignedIn};
use crate::http::page::{CsrfToken, Page};

use super::super::error::{OAuth2ErrorBody, OAuth2OrSessionError};
use super::redirect::{Destination, location};
use super::refusal::Refusal;
use super::request::AuthorizationRequest;
use super::shared::{find_client, read_request};

const DENIED: &str = "The resource owner or authorization server denied the request";

#[derive(Template)]
#[template(path = "oauth2/consent.html")]
struct ConsentPage<'a> {
    app_name: &'a str,
    self_registered: bool,
    document_host: Option<String>,
    icon: Option<&'a str>,
    username: &'a str,
    destination: &'a Destination,
    resource: Option<&'a str>,
    scopes: Vec<&'a str>,
    cancel_link: &'a str,
    csrf_token: &'a str,
}

/// Shows the consent page. Its form posts to the same URL with the same query; nothing is issued by looking at it.
#[utoipa::path(
    get,
    path = "/oauth2/authorize",
    operation_id = "show_oauth2_consent",
    params(super::shared::AuthorizeQuery),
    responses(
        (status = 200, description = "The consent page.", content_type = "text/html", body = String),
        (status = 302, description = "`response_type=token`: the client is told that it is not supported."),
        (status = 303, description = "A browser without a session is led to the sign-in page."),
        (status = 400, description = "Parameters are missing or invalid. Nobody is redirected.", content(
            (String = "text/html"),
            (OAuth2ErrorBody = "application/json"),
        )),
        (status = 401, description = "The client is unknown, or no session is shown. Browsers get a page.", content(
            (OAuth2OrSessionError = "application/json"),
            (String = "text/html"),
        )),
        (status = 403, description = "The access token is for another resource.", content(
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
pub async fn show(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match consent(&state, &mut parts).await {
        Ok(page) => page.into_response(),
        Err(refusal) => refusal.answer(&state, &parts),
    }
}

async fn consent(state: &AppState, parts: &mut Parts) -> Result<Page, Refusal> {
    let (query, named) = find_client(state, parts).await?;
    let SignedIn(caller) =
        <SignedIn as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
    let client = named.for_caller(&caller.clone().into()).await?;
    let (client, request) = read_request(state, &query, client).await?;
    Ok(page(state, parts, &client, &caller, &request))
}

fn page(
    state: &AppState,
    parts: &Parts,
    client: &Client,
    caller: &Caller,
    request: &AuthorizationRequest,
) -> Page {
    let destination = Destination::of(&request.redirect_target);
    let denied = [
        ("error", "access_denied"),
        ("error_description", DENIED),
        ("state", &*request.state),
        ("iss", state.access_url.as_str()),
    ];
    let csrf = CsrfToken::of(&parts.headers, state);
    let icon = Icon::of(client.thing.settings.icon.as_str());
    let template = ConsentPage {
        app_name: client.thing.settings.name.as_str(),
        self_registered: client.thing.is_self_registered(),
        document_host: client.thing.document_host(),
        icon: icon.as_ref().map(|icon| icon.source),
        username: &caller.credential().user.username,
        destination: &destination,
        resource: request.resource.as_ref().map(Resource::as_str),
        scopes: request.scope.as_str().split_ascii_whitespace().collect(),
        cancel_link: &location(&request.redirect_target, &denied),
        csrf_token: &csrf.value,
    };
    let page = Page::new(StatusCode::OK, &template)
        .with_csrf(&csrf)
        .with_forms_ending_at(destination.form_sources);
    match icon.and_then(|icon| icon.origin) {
        Some(origin) => page.with_images_of(origin),
        None => page,
    }
}

/// An app's picture that the page may show: of this site or by http(s).
struct Icon<'a> {
    source: &'a str,
    /// Where it comes from; `None` for this site.
    origin: Option<String>,
}

impl<'a> Icon<'a> {
    fn of(icon: &'a str) -> Option<Self> {
        if icon.starts_with('/') && !icon.starts_with("//") {
            return Some(Icon {
                source: icon,
                origin: None,
            });
        }
        let url = Url::parse(icon)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && is_plain_host(url))?;
        Some(Icon {
            source: icon,
            origin: Some(url.origin().ascii_serialization()),
        })
    }
}

/// Whether the URL's host is nothing but a host in a policy (CSP3 2.3.1): a URL's may have `;`, `,` and `*`.
fn is_plain_host(url: &Url) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    match url.host() {
        Some(Host::Domain(name)) => name.bytes().all(plain),
        Some(Host::Ipv4(_)) => true,
        // A policy has no way to name one.
        Some(Host::Ipv6(_)) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn icon(icon: &str) -> Option<(&str, Option<String>)> {
        Icon::of(icon).map(|icon| (icon.source, icon.origin))
    }

    #[test]
    fn icons_are_shown_from_this_site_and_by_http_only() {
        assert_eq!(icon("/icon/app.svg"), Some(("/icon/app.svg", None)));
        assert_eq!(
            icon("https://cdn.example:8443/a.png?x"),
            Some((
                "https://cdn.example:8443/a.png?x",
                Some("https://cdn.example:8443".to_owned())
            ))
        );
        for refused in [
            "",
            "//evil.example/a.png",
            "data:image/png;base64,AA",
            "javascript:alert(1)",
            "a.png",
            "https://x;form-action/",
            "https://x,y/a.png",
            "https://*/a.png",
            "https://[::1]/a.png",
        ] {
            assert_eq!(icon(refused), None, "{refused}");
        }
    }
}
