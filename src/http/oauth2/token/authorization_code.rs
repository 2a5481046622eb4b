//! `grant_type=authorization_code` (oauth2.md section 7.2).

use chancery_aggregates::oauth2::pkce::CodeVerifier;
use chancery_aggregates::oauth2::secret_text::PrefixedSecret;
use chancery_aggregates::oauth2_grant::{
    Command, Error, Exchange, ExchangeOutcome, ExchangeRefusal, TokenRequest as RequestKind,
};

use super::super::client;
use super::super::client_authentication::PresentedSecret;
use super::super::error::OAuth2Error;
use super::super::parameters::Parameter;
use super::request::required;
use super::response::TokenResponse;
use super::{OPERATION, Request};

pub(super) async fn exchange(request: Request<'_>) -> Result<TokenResponse, OAuth2Error> {
    let Request { state, from } = request;
    let (form, client) = (&from.form, &from.client);
    let code = required(form, Parameter::Code)?;
    if matches!(from.secret, PresentedSecret::Absent) && !client::is_public(client) {
        return Err(OAuth2Error::MissingParameter(
            Parameter::ClientSecret.name(),
        ));
    }
    let redirect_uri = form.get(Parameter::RedirectUri);
    // The grant knows the redirect URI of its request only when that had one.
    if redirect_uri.is_some_and(|uri| !client::registered(client).is_registered(uri)) {
        return Err(OAuth2Error::UnregisteredRedirectUri);
    }
    let app_secret_id = from.authenticate(state).await?;
    let code = PrefixedSecret::parse(code).map_err(|_| OAuth2Error::InvalidCode)?;
    if !request
        .user_may_sign_in(&code.prefix, RequestKind::Exchange)
        .await?
    {
        return Err(OAuth2Error::InvalidCode);
    }
    let context = request.context();
    let tokens = request.new_tokens(&code.prefix, context.now)?;
    let command = Command::Exchange(Exchange {
        presented_code: code.hash,
        app_id: client.app.id,
        app_secret_id,
        redirect_uri: redirect_uri.map(str::to_owned),
        code_verifier: form.get(Parameter::CodeVerifier).map(CodeVerifier::new),
        resource: form.get(Parameter::Resource).map(str::to_owned),
        api_key_id: tokens.access_token.id.clone(),
        hashed_secret: tokens.access_token.hash.clone(),
        hashed_refresh_token: tokens.refresh_token.hash.clone(),
        access_token_expires_at: tokens.access_token_expires_at,
        refresh_token_expires_at: tokens.refresh_token_expires_at,
        now: context.now,
    });
    let executed = request
        .execute(&code.prefix, RequestKind::Exchange, command, &context)
        .await
        .map_err(|error| OAuth2Error::of_execute(error, OPERATION, refused))?
        .ok_or(OAuth2Error::InvalidCode)?;
    request.settle(&executed).await?;
    match ExchangeOutcome::of(&executed.events) {
        ExchangeOutcome::Exchanged => request.answer(&executed, tokens).await,
        ExchangeOutcome::Refused(reason) => Err(error_of(reason)),
        ExchangeOutcome::RefusedUnrecorded => Err(OAuth2Error::InvalidCode),
    }
}

/// The answer to a recorded refusal. What is wrong with a code is not told apart: that would help a guesser.
fn error_of(reason: ExchangeRefusal) -> OAuth2Error {
    match reason {
        ExchangeRefusal::WrongCode
        | ExchangeRefusal::Expired
        | ExchangeRefusal::CodeReused
        | ExchangeRefusal::WrongClient
        | ExchangeRefusal::Superseded
        | ExchangeRefusal::Revoked
        | ExchangeRefusal::UserInactive => OAuth2Error::InvalidCode,
        ExchangeRefusal::WrongVerifier | ExchangeRefusal::MissingVerifier => {
            OAuth2Error::InvalidVerifier
        }
        ExchangeRefusal::RedirectUriMismatch => OAuth2Error::RedirectUriMismatch,
        ExchangeRefusal::InvalidTarget => OAuth2Error::InvalidTarget,
    }
}

fn refused(error: Error) -> OAuth2Error {
    match error {
        Error::NotFound => OAuth2Error::InvalidCode,
        Error::AlreadyIssued => OAuth2Error::Internal(OPERATION),
    }
}
