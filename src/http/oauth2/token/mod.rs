//! The token endpoint (oauth2.md section 7): a code or a refresh token becomes an access token and a refresh token.
//!
//! The grant's aggregate decides; its events are the outcome, refusals among them. The order of the checks before it is
//! that of oauth2.md section 7.1. Confidential clients authenticate on refresh too.

mod authorization_code;
mod refresh_token;
mod request;
mod response;

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use chancery_aggregates::oauth2_grant::{
    Command, Error, Event, OAuth2Grant, Refusal, TokenRequest as RequestKind,
};
use chancery_ledger::{CommandContext, ExecuteError, Executed, Position};
use chancery_projections::ProjectionName;
use chancery_projections::oauth2_app::Client;
use chrono::{DateTime, Utc};

use crate::http::{Actor, ApiError, AppState, RequestFacts};
use crate::policy::{self, PublicOperation};
use crate::secret::{NewApiKey, NewPrefixedSecret};

use super::client;
use super::client_authentication::PresentedClient;
use super::error::{OAuth2Error, OAuth2ErrorBody};
use super::parameters::Parameters;
use super::secret_use::SecretUse;
use request::{GrantType, TokenRequest};
use response::TokenResponse;

const OPERATION: &str = "Failed to exchange token";

/// Exchanges an authorization code or a refresh token.
#[utoipa::path(
    post,
    path = "/oauth2/tokens",
    operation_id = "exchange_oauth2_token",
    tag = "OAuth2",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenResponse),
        (status = 400, description = "The request or the grant is refused.", body = OAuth2ErrorBody),
        (status = 401, description = "The client is unknown, or its secret is wrong.", body = OAuth2ErrorBody),
        (status = 413, description = "The form is larger than 64 KiB.", body = OAuth2ErrorBody),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now. Nothing is known to have happened.", body = OAuth2ErrorBody),
    ),
    security((), ("client_basic" = [])),
)]
pub async fn exchange(
    State(state): State<AppState>,
    Extension(secret_use): Extension<SecretUse>,
    facts: RequestFacts,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<TokenResponse, OAuth2Error> {
    let query = Parameters::from_query(query.as_deref())?;
    let form = Parameters::from_form(&headers, body).await?;
    let presented = PresentedClient::read(&query, &form, &headers)?;
    let client = client::find(&state, presented.client_id).await?;
    let request = Request {
        state: &state,
        secret_use: &secret_use,
        facts: &facts,
        client: &client,
        form: &form,
    };
    match GrantType::read(&form)? {
        GrantType::AuthorizationCode => {
            authorization_code::exchange(request, &presented.secret).await
        }
        GrantType::RefreshToken => refresh_token::exchange(request, &presented.secret).await,
    }
}

/// The same as `/oauth2/tokens`, for clients that guess the singular.
#[utoipa::path(
    post,
    path = "/oauth2/token",
    operation_id = "exchange_oauth2_token_singular",
    tag = "OAuth2",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenResponse),
        (status = 400, description = "The request or the grant is refused.", body = OAuth2ErrorBody),
        (status = 401, description = "The client is unknown, or its secret is wrong.", body = OAuth2ErrorBody),
        (status = 413, description = "The form is larger than 64 KiB.", body = OAuth2ErrorBody),
        (status = 429, description = "Too many requests.", body = OAuth2ErrorBody),
        (status = 503, description = "The server cannot answer now. Nothing is known to have happened.", body = OAuth2ErrorBody),
    ),
    security((), ("client_basic" = [])),
)]
pub async fn exchange_singular(
    state: State<AppState>,
    secret_use: Extension<SecretUse>,
    facts: RequestFacts,
    query: RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<TokenResponse, OAuth2Error> {
    exchange(state, secret_use, facts, query, headers, body).await
}

/// A token request whose client is known.
#[derive(Clone, Copy)]
struct Request<'a> {
    state: &'a AppState,
    secret_use: &'a SecretUse,
    facts: &'a RequestFacts,
    client: &'a Client,
    form: &'a Parameters,
}

/// Tokens that become valid when the grant accepts them.
struct NewTokens {
    access_token: NewApiKey,
    refresh_token: NewPrefixedSecret,
    expires_in: i64,
    access_token_expires_at: DateTime<Utc>,
    refresh_token_expires_at: DateTime<Utc>,
}

impl Request<'_> {
    /// The context of the client's command.
    fn context(&self) -> CommandContext {
        let actor = Actor::oauth2_app(self.client.app.id, &*self.client.app.name, None);
        self.facts.command(self.state, &actor)
    }

    /// Draws tokens for the grant.
    fn new_tokens(&self, grant_id: &str, now: DateTime<Utc>) -> Result<NewTokens, OAuth2Error> {
        let lifetimes = self.state.lifetimes();
        let (expires_in, access_token_expires_at) =
            self.state.expiry(lifetimes.access_token, now)?;
        let (_, refresh_token_expires_at) = self.state.expiry(lifetimes.refresh_token, now)?;
        Ok(NewTokens {
            access_token: NewApiKey::generate(&self.state.randomness),
            refresh_token: NewPrefixedSecret::generate(grant_id, &self.state.randomness),
            expires_in,
            access_token_expires_at,
            refresh_token_expires_at,
        })
    }

    /// Carries out a command on the grant. `None`: a later grant of the user and app took its place, which is recorded.
    async fn execute(
        &self,
        grant_id: &str,
        kind: RequestKind,
        command: Command,
        context: &CommandContext,
    ) -> Result<Option<Executed<OAuth2Grant>>, ExecuteError<Error>> {
        let permit = policy::public(PublicOperation::TokenEndpoint);
        let ledger = self.state.commands(&permit);
        match ledger
            .execute::<OAuth2Grant>(grant_id, command, context)
            .await
        {
            Err(ExecuteError::KeyNotHeld { .. }) => {}
            outcome => return outcome.map(Some),
        }
        let refuse = Command::Refuse {
            request: kind,
            reason: Refusal::Superseded,
        };
        let context = self.context();
        ledger
            .execute::<OAuth2Grant>(grant_id, refuse, &context)
            .await?;
        Ok(None)
    }

    /// Waits until a revocation among the events shows: when a refusal ends the grant, its tokens are dead before the
    /// answer.
    async fn settle(&self, executed: &Executed<OAuth2Grant>) -> Result<(), OAuth2Error> {
        let is_revoked = |event: &Event| matches!(event, Event::GrantRevoked { .. });
        if executed.events.iter().any(is_revoked) {
            self.state
                .wait_for(ProjectionName::OAUTH2_GRANT, executed.position)
                .await?;
        }
        Ok(())
    }

    /// Refuses, and records it, when the user of a grant may not sign in. The user of a grant never changes.
    async fn user_may_sign_in(
        &self,
        grant_id: &str,
        kind: RequestKind,
    ) -> Result<bool, OAuth2Error> {
        let permit = policy::public(PublicOperation::TokenEndpoint);
        let ledger = self.state.commands(&permit);
        let (grant, _) = ledger
            .recall::<OAuth2Grant>(grant_id)
            .await
            .map_err(ApiError::from)?;
        let Some(authorization) = grant.authorization else {
            // Nobody's: the command on it will say so.
            return Ok(true);
        };
        let status = self
            .state
            .readers
            .user_status(authorization.user_id)
            .await
            .map_err(ApiError::from)?;
        if status.is_some_and(|status| super::may_sign_in(&status)) {
            return Ok(true);
        }
        let refuse = Command::Refuse {
            request: kind,
            reason: Refusal::UserInactive,
        };
        let refused = ledger
            .execute::<OAuth2Grant>(grant_id, refuse, &self.context())
            .await;
        let executed = refused.map_err(fault)?;
        self.settle(&executed).await?;
        Ok(false)
    }

    /// Answers with accepted tokens once they work everywhere.
    async fn answer(
        &self,
        position: Option<Position>,
        scope: String,
        tokens: NewTokens,
    ) -> Result<TokenResponse, OAuth2Error> {
        self.state
            .wait_for(ProjectionName::OAUTH2_GRANT, position)
            .await?;
        Ok(TokenResponse {
            access_token: tokens.access_token.text,
            token_type: "Bearer",
            refresh_token: tokens.refresh_token.text,
            expires_in: tokens.expires_in,
            expiry: tokens.access_token_expires_at,
            scope: Some(scope).filter(|scope| !scope.is_empty()),
        })
    }
}

/// The error of a command on a grant that was found before.
fn fault(error: ExecuteError<Error>) -> OAuth2Error {
    OAuth2Error::of_execute(error, OPERATION, |_| OAuth2Error::Internal(OPERATION))
}
