//! What is recorded of a refusal, and when refusals end the grant. A stream stays bounded whatever is sent to it.

use super::refresh::Refused;
use super::{
    Event, ExchangeRefusal, OAuth2Grant, RefreshRefusal, Refusal, RevocationReason, Stage,
    TokenRequest,
};

/// The refusal of this number also ends the grant; wrong codes and tokens are recorded up to this number.
pub const MAX_REFUSALS: u32 = 10;

impl OAuth2Grant {
    pub(super) fn refuse(&self, request: TokenRequest, reason: Refusal) -> Vec<Event> {
        match (request, reason) {
            (TokenRequest::Exchange, Refusal::Superseded) => {
                self.refuse_exchange(ExchangeRefusal::Superseded)
            }
            (TokenRequest::Exchange, Refusal::UserInactive) => {
                self.refuse_exchange(ExchangeRefusal::UserInactive)
            }
            (TokenRequest::Refresh, Refusal::Superseded) => {
                self.refuse_refresh(Refused::For(RefreshRefusal::Superseded))
            }
            (TokenRequest::Refresh, Refusal::UserInactive) => {
                self.refuse_refresh(Refused::For(RefreshRefusal::UserInactive))
            }
        }
    }

    pub(super) fn refuse_exchange(&self, reason: ExchangeRefusal) -> Vec<Event> {
        let refused = Event::ExchangeRefused {
            app_id: self.authorization.app_id,
            user_id: self.authorization.user_id,
            reason,
        };
        match reason {
            ExchangeRefusal::CodeReused => {
                vec![refused, self.revoked(RevocationReason::CodeReused)]
            }
            ExchangeRefusal::WrongCode => self.uncounted(refused),
            _ => self.counted(refused),
        }
    }

    pub(super) fn refuse_refresh(&self, refused: Refused) -> Vec<Event> {
        let event = |reason| Event::RefreshRefused {
            app_id: self.authorization.app_id,
            user_id: self.authorization.user_id,
            reason,
        };
        match refused {
            Refused::For(RefreshRefusal::WrongToken) => {
                self.uncounted(event(RefreshRefusal::WrongToken))
            }
            Refused::For(reason) => self.counted(event(reason)),
            // A hundred processes may refresh at once: recorded once per rotation, and never a cause to revoke.
            Refused::ReusedWithinGrace if self.grace_reuse_recorded => Vec::new(),
            Refused::ReusedWithinGrace => vec![event(RefreshRefusal::RefreshTokenReused)],
            Refused::Reused => vec![
                event(RefreshRefusal::RefreshTokenReused),
                self.revoked(RevocationReason::RefreshTokenReused),
            ],
        }
    }

    /// A wrong code or token never ends the grant: the id is no secret, and whoever knows it must not sign a user out.
    fn uncounted(&self, refused: Event) -> Vec<Event> {
        let recorded = match self.stage {
            Stage::Revoked => self.refused_since_revocation,
            Stage::CodeIssued | Stage::Exchanged => self.wrong_secrets >= MAX_REFUSALS,
        };
        if recorded { Vec::new() } else { vec![refused] }
    }

    fn counted(&self, refused: Event) -> Vec<Event> {
        if self.stage == Stage::Revoked {
            return if self.refused_since_revocation {
                Vec::new()
            } else {
                vec![refused]
            };
        }
        if self.refusals + 1 >= MAX_REFUSALS {
            return vec![refused, self.revoked(RevocationReason::TooManyRefusals)];
        }
        vec![refused]
    }

    pub(super) fn revoked(&self, reason: RevocationReason) -> Event {
        Event::GrantRevoked {
            app_id: self.authorization.app_id,
            user_id: self.authorization.user_id,
            resource_uri: self.authorization.resource_uri.clone(),
            had_tokens: self.generation.is_some(),
            reason,
        }
    }
}
