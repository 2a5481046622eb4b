//! One grant, told by events; times are seconds since 1970.

mod exchange;
mod issue;
mod keys;
mod refresh;
mod refusals;

use chancery_noun::Stream;
use chrono::{DateTime, Utc};
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::oauth2::secret_text::HashedSecret;
use crate::oauth2_app::{AppSecretId, OAuth2AppId};
use crate::user::UserId;

const APP: OAuth2AppId = OAuth2AppId::from_u128(1);
const OTHER_APP: OAuth2AppId = OAuth2AppId::from_u128(2);
const USER: UserId = UserId::from_u128(3);
const SECRET: AppSecretId = AppSecretId::from_u128(4);
const REDIRECT: &str = "http://localhost:9876/callback";
const RESOURCE: &str = "https://mcp.example.org";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CODE_LIFETIME: i64 = 600;
const REFRESH_LIFETIME: i64 = 100_000;
const EXCHANGED_AT: i64 = 30;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<OAuth2Grant>> {
    TestFramework::with(()).given(events)
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn hash(secret: &str) -> HashedSecret {
    HashedSecret::of(secret)
}

/// A code with redirect URI, resource and challenge.
fn full_code() -> Event {
    Event::CodeIssued {
        app_id: APP,
        user_id: USER,
        credential_generation: 0,
        hashed_code: hash("code"),
        redirect_uri: Some(REDIRECT.to_owned()),
        resource_uri: Some(RESOURCE.to_owned()),
        code_challenge: Some(CHALLENGE.to_owned()),
        code_challenge_method: Some("S256".to_owned()),
        scope: "all".to_owned(),
        state_hash: Some(hash("state")),
        exclusive: Exclusive::PerResource,
        code_expires_at: at(CODE_LIFETIME),
        issued_at: at(0),
    }
}

/// A code with nothing optional.
fn plain_code() -> Event {
    Event::CodeIssued {
        app_id: APP,
        user_id: USER,
        credential_generation: 0,
        hashed_code: hash("code"),
        redirect_uri: None,
        resource_uri: None,
        code_challenge: None,
        code_challenge_method: None,
        scope: String::new(),
        state_hash: None,
        exclusive: Exclusive::No,
        code_expires_at: at(CODE_LIFETIME),
        issued_at: at(0),
    }
}

/// The exchange that [`full_code`] expects.
fn full_exchange() -> Exchange {
    Exchange {
        presented_code: hash("code"),
        app_id: APP,
        app_secret_id: Some(SECRET),
        redirect_uri: Some(REDIRECT.to_owned()),
        code_verifier: Some(crate::oauth2::pkce::CodeVerifier::new(VERIFIER)),
        resource: Some(RESOURCE.to_owned()),
        hashed_secret: hash("access 0"),
        hashed_refresh_token: hash("refresh 0"),
        access_token_expires_at: at(EXCHANGED_AT + 1000),
        refresh_token_expires_at: at(EXCHANGED_AT + REFRESH_LIFETIME),
        now: at(EXCHANGED_AT),
    }
}

/// The exchange that [`plain_code`] expects.
fn plain_exchange() -> Exchange {
    Exchange {
        redirect_uri: None,
        code_verifier: None,
        resource: None,
        ..full_exchange()
    }
}

/// [`full_exchange`] accepted.
fn full_exchanged() -> Event {
    Event::CodeExchanged {
        app_id: APP,
        user_id: USER,
        app_secret_id: Some(SECRET),
        hashed_secret: hash("access 0"),
        hashed_refresh_token: hash("refresh 0"),
        audience: Some(RESOURCE.to_owned()),
        scope: "all".to_owned(),
        access_token_expires_at: at(EXCHANGED_AT + 1000),
        refresh_token_expires_at: at(EXCHANGED_AT + REFRESH_LIFETIME),
        exclusive: Exclusive::PerResource,
        exchanged_at: at(EXCHANGED_AT),
    }
}

fn exchanged() -> Vec<Event> {
    vec![full_code(), full_exchanged()]
}

/// Presents refresh token `presented` and brings the tokens numbered `presented + 1`.
fn refresh(presented: usize, now: i64) -> Refresh {
    let next = presented + 1;
    Refresh {
        presented_refresh_token: hash(&format!("refresh {presented}")),
        app_id: APP,
        resource: None,
        hashed_secret: hash(&format!("access {next}")),
        hashed_refresh_token: hash(&format!("refresh {next}")),
        access_token_expires_at: at(now + 1000),
        refresh_token_expires_at: at(now + REFRESH_LIFETIME),
        now: at(now),
    }
}

/// `refresh(presented, now)` accepted.
fn refreshed(presented: usize, now: i64) -> Event {
    let next = presented + 1;
    Event::TokenRefreshed {
        app_id: APP,
        user_id: USER,
        hashed_secret: hash(&format!("access {next}")),
        hashed_refresh_token: hash(&format!("refresh {next}")),
        audience: Some(RESOURCE.to_owned()),
        scope: "all".to_owned(),
        access_token_expires_at: at(now + 1000),
        refresh_token_expires_at: at(now + REFRESH_LIFETIME),
        exclusive: Exclusive::PerResource,
        refreshed_at: at(now),
    }
}

fn exchange_refused(reason: ExchangeRefusal) -> Event {
    Event::ExchangeRefused {
        app_id: APP,
        user_id: USER,
        reason,
    }
}

fn refresh_refused(reason: RefreshRefusal) -> Event {
    Event::RefreshRefused {
        app_id: APP,
        user_id: USER,
        reason,
    }
}

fn revoked(had_tokens: bool, reason: RevocationReason) -> Event {
    Event::GrantRevoked {
        app_id: APP,
        user_id: USER,
        resource_uri: Some(RESOURCE.to_owned()),
        had_tokens,
        reason,
    }
}
