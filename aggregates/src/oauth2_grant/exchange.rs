//! The exchange of a code, checked in the order of docs/contract/oauth2.md 7.1.

use super::{Authorization, Event, Exchange, ExchangeRefusal, OAuth2Grant, Stage};
use crate::oauth2::resource;

impl OAuth2Grant {
    pub(super) fn judge_exchange(&self, exchange: &Exchange) -> Result<(), ExchangeRefusal> {
        let authorization = &self.authorization;
        if exchange.presented_code != authorization.hashed_code {
            return Err(ExchangeRefusal::WrongCode);
        }
        match self.stage {
            Stage::CodeIssued => {}
            Stage::Exchanged => return Err(ExchangeRefusal::CodeReused),
            Stage::Revoked => return Err(ExchangeRefusal::Revoked),
        }
        if exchange.now >= authorization.code_expires_at {
            return Err(ExchangeRefusal::Expired);
        }
        if exchange.app_id != authorization.app_id {
            return Err(ExchangeRefusal::WrongClient);
        }
        // The contract lets the exchange leave the redirect URI out.
        if let (Some(authorized), Some(presented)) =
            (&authorization.redirect_uri, &exchange.redirect_uri)
            && authorized != presented
        {
            return Err(ExchangeRefusal::RedirectUriMismatch);
        }
        check_verifier(authorization, exchange)?;
        // The contract wants the resource on both sides or on neither (L1).
        let same_resource = match (&authorization.resource_uri, &exchange.resource) {
            (None, None) => true,
            (Some(authorized), Some(presented)) => resource::same(authorized, presented),
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same_resource {
            Ok(())
        } else {
            Err(ExchangeRefusal::InvalidTarget)
        }
    }
}

/// A challenge, once given, must be met. A client that sends a verifier has sent a challenge: where none came, somebody took it out
/// (RFC 9700 2.1.1).
fn check_verifier(
    authorization: &Authorization,
    exchange: &Exchange,
) -> Result<(), ExchangeRefusal> {
    let verifier = exchange.code_verifier.as_ref();
    let verifier = verifier.filter(|verifier| !verifier.is_empty());
    match (&authorization.code_challenge, verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if verifier.meets(challenge) => Ok(()),
        (_, Some(_)) => Err(ExchangeRefusal::WrongVerifier),
        (Some(_), None) => Err(ExchangeRefusal::MissingVerifier),
    }
}

impl Exchange {
    pub(super) fn accept(self, authorization: &Authorization) -> Event {
        Event::CodeExchanged {
            app_id: authorization.app_id,
            user_id: authorization.user_id,
            app_secret_id: self.app_secret_id,
            hashed_secret: self.hashed_secret,
            hashed_refresh_token: self.hashed_refresh_token,
            audience: authorization.resource_uri.clone(),
            scope: authorization.scope.clone(),
            access_token_expires_at: self.access_token_expires_at,
            refresh_token_expires_at: self.refresh_token_expires_at,
            exclusive: authorization.exclusive,
            exchanged_at: self.now,
        }
    }
}
