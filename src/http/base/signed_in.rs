//! Who is asking: from a request to a caller (docs/contract/core.md 3.1 and 3.2, oauth2 8).

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use chancery_operations::authenticate::{Presumed, authenticate, presume};
use chancery_operations::secret::Secret;
use chancery_operations::{Caller, Guest};

use super::asker::Asker;
use super::csrf;
use super::error::{ApiError, Challenge};
use super::request_facts;
use super::state::AppState;
use super::token_source::{TokenSource, find_token};

/// One who has shown a valid token, in whose name this request is made. An extractor; it refuses everyone else, and
/// `Option<SignedIn>` lets them through as None.
#[derive(Clone)]
pub struct SignedIn(pub Caller);

/// One who has not said who he is, or says it with what the request holds. An extractor.
#[derive(Clone)]
pub struct NotSignedIn(pub Guest);

/// One who has shown a valid token on a request that may carry its CSRF token in a form: the handler reads the form, then
/// [`FormSignedIn::confirm`]s.
///
/// A [`Presumed`] one in place of the caller serves where what is recorded rests on its token.
#[derive(Clone)]
pub struct FormSignedIn<C = Caller> {
    caller: C,
    source: TokenSource,
    headers: HeaderMap,
}

impl<C> FormSignedIn<C> {
    /// The caller, once the form's `csrf_token` (or the header) has been checked. Tokens in a header need none.
    pub fn confirm(self, csrf_token: Option<&str>) -> Result<C, ApiError> {
        if self.source == TokenSource::Cookie {
            csrf::check_token(&self.headers, csrf_token)?;
        }
        Ok(self.caller)
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let (caller, source) = caller_from_here(parts, state).await?;
        if may_be_forged(parts, source) {
            csrf::check_token(&parts.headers, None)?;
        }
        Ok(Self(caller))
    }
}

impl OptionalFromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, ApiError> {
        signed_out_as_none(
            <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await,
        )
    }
}

impl FromRequestParts<AppState> for FormSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let (caller, source) = caller_from_here(parts, state).await?;
        Ok(Self {
            caller,
            source,
            headers: parts.headers.clone(),
        })
    }
}

impl FromRequestParts<AppState> for FormSignedIn<Presumed> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let (token, source) = shown_token(parts)?;
        let caller = presume(&guest(parts, state), &token).await?;
        check_sender(parts, source, state)?;
        Ok(Self {
            caller,
            source,
            headers: parts.headers.clone(),
        })
    }
}

impl OptionalFromRequestParts<AppState> for FormSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, ApiError> {
        signed_out_as_none(
            <Self as FromRequestParts<AppState>>::from_request_parts(parts, state).await,
        )
    }
}

impl FromRequestParts<AppState> for NotSignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(guest(parts, state)))
    }
}

/// The sender of a request.
pub fn guest(parts: &Parts, state: &AppState) -> Guest {
    Guest::new(state.services.clone(), request_facts::of(parts))
}

fn signed_out_as_none<T>(caller: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match caller {
        Ok(caller) => Ok(Some(caller)),
        Err(error) if error.status == StatusCode::UNAUTHORIZED => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether another site could have made a browser send this: it changes something, and the browser adds what proves the caller.
fn may_be_forged(parts: &Parts, source: TokenSource) -> bool {
    let reads = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    source == TokenSource::Cookie && !reads
}

/// The caller, and that a request that may be forged was sent by a page of this site.
async fn caller_from_here(
    parts: &mut Parts,
    state: &AppState,
) -> Result<(Caller, TokenSource), ApiError> {
    let (caller, source) = caller(parts, state).await?;
    check_sender(parts, source, state)?;
    Ok((caller, source))
}

/// That a request that may be forged was sent by a page of this site.
fn check_sender(parts: &Parts, source: TokenSource, state: &AppState) -> Result<(), ApiError> {
    if may_be_forged(parts, source) {
        csrf::check_origin(&parts.headers, &state.access_url)?;
    }
    Ok(())
}

/// Stored with the request, so that its extractors authenticate once.
#[derive(Clone)]
struct Authenticated(Caller, TokenSource);

async fn caller(parts: &mut Parts, state: &AppState) -> Result<(Caller, TokenSource), ApiError> {
    if let Some(Authenticated(caller, source)) = parts.extensions.get() {
        return Ok((caller.clone(), *source));
    }
    let (token, source) = shown_token(parts)?;
    let caller = authenticate(&guest(parts, state), &token).await?;
    if let Some(asker) = Asker::of(parts) {
        asker.is_user(caller.user_id());
    }
    parts
        .extensions
        .insert(Authenticated(caller.clone(), source));
    Ok((caller, source))
}

fn shown_token(parts: &Parts) -> Result<(Secret, TokenSource), ApiError> {
    find_token(&parts.headers, &parts.uri).ok_or_else(|| {
        ApiError::signed_out(
            "Cookie \"coder_session_token\" or query parameter must be provided.",
            Challenge::InvalidToken,
        )
    })
}
