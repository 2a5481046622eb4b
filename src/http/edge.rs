//! What happens to every request before its handler and to every answer after it.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use percent_encoding::percent_decode_str;
use tracing::{Instrument, Level};
use uuid::Uuid;

use super::base::asker::Asker;
use super::base::error::{ApiError, Challenge, Validation};
use super::base::family::Family;
use super::base::request_facts::Arrival;
use super::base::state::AppState;
use super::base::{client_address, request_id};
use crate::config::AccessUrl;
use crate::metrics::{Metrics, method_label};
use crate::rate_limit::{self, Class};
use crate::version::BUILD_VERSION;

/// The target of the lines of requests, by which `--log-level` can leave them out.
const ACCESS: &str = "chancery::access";
/// Routes that are asked every few seconds.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

const BUILD_VERSION_HEADER: HeaderName = HeaderName::from_static("x-coder-build-version");

/// Gives the request its id, client address and span; limits its rate and time; turns a panic into an answer; counts it; and puts the
/// headers on that every answer carries.
pub async fn edge(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = request_id::of(request.headers(), &state.services.randomness());
    let client_address = client_address::of(
        peer(&request),
        request.headers(),
        &state.config.trusted_proxies,
    );
    request.extensions_mut().insert(Arrival {
        request_id,
        client_address,
    });
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let family = Family::of(request.uri().path());
    let class = rate_limit::class_of(&method, request.uri().path());
    // The path's pattern, not the path or query: those may hold tokens.
    let span = tracing::info_span!("request", id = %request_id, %method, route);
    let mut response = answer(&state, class, family, client_address, request, next)
        .instrument(span)
        .await;
    let answered = Answered {
        request_id,
        method: &method,
        route,
        status: response.status(),
        took: started.elapsed(),
        client_address,
    };
    answered.count(&state.metrics, class);
    answered.log(&asker);
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        response.headers_mut().insert(request_id::HEADER, value);
    }
    finish(&mut response, &state.access_url);
    response
}

async fn answer(
    state: &AppState,
    class: Option<Class>,
    family: Family,
    client_address: IpAddr,
    request: Request,
    next: Next,
) -> Response {
    if let Some(class) = class
        && let Err(refused) = state.limiters.check(class, client_address)
    {
        return family.answer(refused.into());
    }
    if let Err(error) = check_target(request.uri()) {
        return family.answer(error);
    }
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(state.config.request_timeout, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => family.answer(ApiError::internal(panic_text(&*panic))),
        Err(elapsed) => family.answer(ApiError::unavailable(&elapsed)),
    }
}

/// An answered request, as it is counted and logged.
struct Answered<'a> {
    request_id: Uuid,
    method: &'a Method,
    /// The path's pattern; empty when no route matches.
    route: &'a str,
    status: StatusCode,
    took: Duration,
    client_address: IpAddr,
}

impl Answered<'_> {
    fn count(&self, metrics: &Metrics, class: Option<Class>) {
        metrics.answered(self.method, self.route, self.status.as_u16(), self.took);
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            metrics.limited(class);
        }
    }

    /// One line, without a word that the client chose: those may be secrets. Probes ask too often to be told of.
    fn log(&self, asker: &Asker) {
        macro_rules! answered {
            ($level:expr) => {
                tracing::event!(
                    target: ACCESS,
                    $level,
                    method = %method_label(self.method),
                    route = self.route,
                    status = self.status.as_u16(),
                    ms = milliseconds(self.took),
                    client = %self.client_address,
                    user = asker.user().map(tracing::field::display),
                    app = asker.app().map(tracing::field::display),
                    id = %self.request_id,
                    "answered"
                )
            };
        }
        if PROBES.contains(&self.route) {
            answered!(Level::DEBUG);
        } else {
            answered!(Level::INFO);
        }
    }
}

/// To microseconds, as a number that a log's reader can sum.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// No text with NUL, and no path that is not UTF-8, gets any further: no name or value here may hold them.
fn check_target(uri: &Uri) -> Result<(), ApiError> {
    let path = uri.path();
    if path.contains('%') {
        let decoded = percent_decode_str(path).decode_utf8();
        if decoded.is_err() || decoded.is_ok_and(|path| path.contains('\0')) {
            return Err(ApiError::bad_request("The path must be UTF-8 without NUL."));
        }
    }
    let query = uri.query().filter(|query| query.contains("%00"));
    let bad: Vec<Validation> = query
        .map(|query| url::form_urlencoded::parse(query.as_bytes()))
        .into_iter()
        .flatten()
        .filter(|(name, value)| name.contains('\0') || value.contains('\0'))
        .map(|(name, _)| {
            let name = name.replace('\0', "?");
            let detail = format!("Query param \"{name}\" must not contain NUL");
            Validation::new(name, detail)
        })
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid_query(bad))
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a handler panicked")
}

fn peer(request: &Request) -> IpAddr {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip())
}

fn finish(response: &mut Response, access_url: &AccessUrl) {
    if let Some(challenge) = response.extensions_mut().remove::<Challenge>()
        && let Ok(value) = HeaderValue::from_str(&challenge.header(access_url))
    {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    let headers = response.headers_mut();
    headers.insert(
        BUILD_VERSION_HEADER,
        HeaderValue::from_static(BUILD_VERSION),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Answers show secrets or what is somebody's alone; the few that may be kept say so themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if access_url.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

impl Challenge {
    /// The value of `WWW-Authenticate` (RFC 6750 3, RFC 9728 5.1).
    fn header(self, access_url: &AccessUrl) -> String {
        let (error, description) = match self {
            Self::InvalidToken => ("invalid_token", "The access token is invalid"),
            Self::ExpiredToken => ("invalid_token", "The access token has expired"),
            Self::WrongAudience => (
                "invalid_token",
                "The access token's audience does not match this resource",
            ),
            Self::InsufficientScope => (
                "insufficient_scope",
                "The request requires higher privileges than provided by the access token",
            ),
        };
        format!(
            "Bearer realm=\"coder\", error=\"{error}\", error_description=\"{description}\", \
             resource_metadata=\"{access_url}/.well-known/oauth-protected-resource\""
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_the_realm_the_error_and_the_metadata() {
        let access_url: AccessUrl = "https://id.example.com".parse().unwrap();
        let header = Challenge::ExpiredToken.header(&access_url);
        assert_eq!(
            header,
            "Bearer realm=\"coder\", error=\"invalid_token\", error_description=\"The access token has expired\", \
             resource_metadata=\"https://id.example.com/.well-known/oauth-protected-resource\""
        );
    }

    #[test]
    fn targets_with_nul_or_broken_paths_go_no_further() {
        let check = |target: &str| check_target(&target.parse().unwrap());
        check("/users/a%20b?q=%C3%A9").unwrap();
        check("/users/a?q=100%2500").unwrap();
        check("/users/%00").unwrap_err();
        check("/users/%ff").unwrap_err();
        let error = check("/users?q=a%00&r=b").unwrap_err();
        assert_eq!(error.body.validations[0].field, "q");
    }
}
