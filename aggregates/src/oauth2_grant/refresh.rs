//! The exchange of a refresh token for new tokens, with rotation (docs/contract/oauth2.md 7.3).

use chrono::TimeDelta;

use super::{Authorization, Event, OAuth2Grant, Refresh, RefreshRefusal, Stage};
use crate::oauth2::resource;

/// For this long after its rotation a refresh token may be presented again without ending the grant: two processes of
/// one client refresh at once, or an answer gets lost.
pub const REUSE_GRACE: TimeDelta = TimeDelta::seconds(10);

/// Why a refresh is refused, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Counts towards revocation.
    For(RefreshRefusal),
    /// A rotated token within its grace period: an accident.
    ReusedWithinGrace,
    /// A rotated token beyond its grace period: a theft.
    Reused,
}

impl OAuth2Grant {
    pub(super) fn judge_refresh(&self, refresh: &Refresh) -> Result<(), Refused> {
        let authorization = &self.authorization;
        let Some(generation) = &self.generation else {
            return Err(Refused::For(RefreshRefusal::WrongToken));
        };
        let presented = &refresh.presented_refresh_token;
        let rotated = self
            .rotated
            .iter()
            .find(|rotated| rotated.hashed_refresh_token == *presented);
        if rotated.is_none() && generation.hashed_refresh_token != *presented {
            return Err(Refused::For(RefreshRefusal::WrongToken));
        }
        if self.stage == Stage::Revoked {
            return Err(Refused::For(RefreshRefusal::Revoked));
        }
        if let Some(rotated) = rotated {
            let beyond_grace = refresh.now.signed_duration_since(rotated.rotated_at) > REUSE_GRACE;
            return Err(if beyond_grace {
                Refused::Reused
            } else {
                Refused::ReusedWithinGrace
            });
        }
        if refresh.now >= generation.refresh_token_expires_at {
            return Err(Refused::For(RefreshRefusal::Expired));
        }
        if refresh.app_id != authorization.app_id {
            return Err(Refused::For(RefreshRefusal::WrongClient));
        }
        match (&authorization.resource_uri, &refresh.resource) {
            (_, None) => Ok(()),
            (Some(audience), Some(presented)) if resource::same(audience, presented) => Ok(()),
            (_, Some(_)) => Err(Refused::For(RefreshRefusal::InvalidTarget)),
        }
    }
}

impl Refresh {
    pub(super) fn accept(self, authorization: &Authorization) -> Event {
        Event::TokenRefreshed {
            app_id: authorization.app_id,
            user_id: authorization.user_id,
            hashed_secret: self.hashed_secret,
            hashed_refresh_token: self.hashed_refresh_token,
            audience: authorization.resource_uri.clone(),
            scope: authorization.scope.clone(),
            access_token_expires_at: self.access_token_expires_at,
            refresh_token_expires_at: self.refresh_token_expires_at,
            exclusive: authorization.exclusive,
            refreshed_at: self.now,
        }
    }
}
