//! The state of a grant and how events change it.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Event, ExchangeRefusal, Exclusive, Place, RefreshRefusal, RevocationReason};
use crate::oauth2::secret_text::HashedSecret;
use crate::oauth2_app::{AppSecretId, OAuth2AppId};
use crate::user::UserId;

/// How many rotated refresh tokens are remembered; an older one counts as a wrong token.
pub(super) const REMEMBERED_ROTATIONS: usize = 50;

/// A grant, from its code on; one that was revoked is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2Grant {
    /// How far the grant has come.
    pub stage: Stage,
    /// What the user allowed.
    pub authorization: Authorization,
    /// The client secret the client authenticated the exchange with.
    pub app_secret_id: Option<AppSecretId>,
    /// When the code was exchanged.
    pub exchanged_at: Option<DateTime<Utc>>,
    /// The tokens issued last; `None` before the code is exchanged.
    pub generation: Option<Generation>,
    /// Earlier refresh tokens, oldest first.
    pub rotated: VecDeque<RotatedToken>,
    /// Why it was revoked.
    pub revocation_reason: Option<RevocationReason>,
    /// Refusals since the last accepted request that were recorded and count towards revocation: those of somebody who
    /// held the code or the token.
    pub refusals: u32,
    /// Recorded refusals of a wrong code or token: somebody knew the grant's id and nothing else.
    pub wrong_secrets: u32,
    /// Whether a refusal was recorded since the revocation.
    pub refused_since_revocation: bool,
    /// Whether the reuse of a refresh token within its grace period was recorded since the last rotation.
    pub grace_reuse_recorded: bool,
}

/// How far a grant has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The code waits to be exchanged.
    CodeIssued,
    /// The code was exchanged for tokens.
    Exchanged,
    /// It ended.
    Revoked,
}

/// What the user allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The client.
    pub app_id: OAuth2AppId,
    /// The user.
    pub user_id: UserId,
    /// The user's credential generation when it was allowed: in a later one nothing of the grant is good.
    pub credential_generation: u32,
    /// The hash of the code's secret part.
    pub hashed_code: HashedSecret,
    /// The request's `redirect_uri`, if it carried one.
    pub redirect_uri: Option<String>,
    /// The request's `resource`.
    pub resource_uri: Option<String>,
    /// The request's code challenge, of method S256.
    pub code_challenge: Option<String>,
    /// The granted scope; may be empty.
    pub scope: String,
    /// The hash of the request's `state`.
    pub state_hash: Option<HashedSecret>,
    /// Which other grants of the user this one takes the place of.
    pub exclusive: Exclusive,
    /// From this time on the code is refused.
    pub code_expires_at: DateTime<Utc>,
    /// The time of the request.
    pub issued_at: DateTime<Utc>,
}

/// Tokens that were issued together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// The hash of the access token's secret part.
    pub hashed_secret: HashedSecret,
    /// The hash of the refresh token's secret part.
    pub hashed_refresh_token: HashedSecret,
    /// From this time on the access token is refused.
    pub access_token_expires_at: DateTime<Utc>,
    /// From this time on the refresh token is refused.
    pub refresh_token_expires_at: DateTime<Utc>,
    /// The time of the request.
    pub issued_at: DateTime<Utc>,
}

/// A refresh token that was exchanged for a newer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatedToken {
    /// The hash of its secret part.
    pub hashed_refresh_token: HashedSecret,
    /// When it was exchanged.
    pub rotated_at: DateTime<Utc>,
}

impl Authorization {
    /// Where no other grant of the user may live beside this one; `None`: it shares.
    pub fn place(&self) -> Option<Place> {
        let resource = self.resource_uri.as_deref();
        self.exclusive.place(self.user_id, self.app_id, resource)
    }
}

impl OAuth2Grant {
    /// A grant whose code was issued.
    pub(super) const fn new(authorization: Authorization) -> Self {
        Self {
            stage: Stage::CodeIssued,
            authorization,
            app_secret_id: None,
            exchanged_at: None,
            generation: None,
            rotated: VecDeque::new(),
            revocation_reason: None,
            refusals: 0,
            wrong_secrets: 0,
            refused_since_revocation: false,
            grace_reuse_recorded: false,
        }
    }

    pub(super) fn apply(&mut self, event: Event) {
        match event {
            // The beginning is the noun's own.
            Event::CodeIssued { .. } => {}
            Event::CodeExchanged {
                app_secret_id,
                hashed_secret,
                hashed_refresh_token,
                access_token_expires_at,
                refresh_token_expires_at,
                exchanged_at,
                ..
            } => {
                self.stage = Stage::Exchanged;
                self.app_secret_id = app_secret_id;
                self.exchanged_at = Some(exchanged_at);
                self.generation = Some(Generation {
                    hashed_secret,
                    hashed_refresh_token,
                    access_token_expires_at,
                    refresh_token_expires_at,
                    issued_at: exchanged_at,
                });
            }
            Event::TokenRefreshed {
                hashed_secret,
                hashed_refresh_token,
                access_token_expires_at,
                refresh_token_expires_at,
                refreshed_at,
                ..
            } => self.rotate(Generation {
                hashed_secret,
                hashed_refresh_token,
                access_token_expires_at,
                refresh_token_expires_at,
                issued_at: refreshed_at,
            }),
            // The rule of `refuse_refresh`: what is recorded but not followed by a revocation was within the grace.
            Event::RefreshRefused {
                reason: RefreshRefusal::RefreshTokenReused,
                ..
            } if self.stage != Stage::Revoked => {
                self.grace_reuse_recorded = true;
            }
            Event::ExchangeRefused {
                reason: ExchangeRefusal::WrongCode,
                ..
            }
            | Event::RefreshRefused {
                reason: RefreshRefusal::WrongToken,
                ..
            } if self.stage != Stage::Revoked => self.wrong_secrets += 1,
            Event::ExchangeRefused { .. } | Event::RefreshRefused { .. } => self.count_refusal(),
            Event::GrantRevoked { reason, .. } => {
                self.stage = Stage::Revoked;
                self.revocation_reason = Some(reason);
            }
        }
    }

    fn rotate(&mut self, next: Generation) {
        let rotated_at = next.issued_at;
        if let Some(previous) = self.generation.replace(next) {
            if self.rotated.len() == REMEMBERED_ROTATIONS {
                self.rotated.pop_front();
            }
            let hashed_refresh_token = previous.hashed_refresh_token;
            self.rotated.push_back(RotatedToken {
                hashed_refresh_token,
                rotated_at,
            });
        }
        self.grace_reuse_recorded = false;
        self.refusals = 0;
    }

    fn count_refusal(&mut self) {
        if self.stage == Stage::Revoked {
            self.refused_since_revocation = true;
        } else {
            self.refusals += 1;
        }
    }
}
