//! The state of a grant and how events change it.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Event, ExchangeRefusal, RefreshRefusal};
use crate::oauth2::secret_text::HashedSecret;

/// How many rotated refresh tokens are remembered; an older one counts as a wrong token.
pub(super) const REMEMBERED_ROTATIONS: usize = 50;

/// The state of a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth2Grant {
    /// How far the grant has come.
    pub stage: Stage,
    /// What the user allowed; `None` before the code is issued.
    pub authorization: Option<Authorization>,
    /// The tokens issued last; `None` before the code is exchanged.
    pub generation: Option<Generation>,
    /// Earlier refresh tokens, oldest first.
    pub rotated: VecDeque<RotatedToken>,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// No code was issued: the grant does not exist.
    #[default]
    Unknown,
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
    pub app_id: Uuid,
    /// The user.
    pub user_id: Uuid,
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
    /// Whether this grant replaces every other one of the user for the app.
    pub exclusive: bool,
    /// From this time on the code is refused.
    pub code_expires_at: DateTime<Utc>,
}

/// Tokens that were issued together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// The access token's id.
    pub api_key_id: String,
    /// The hash of the refresh token's secret part.
    pub hashed_refresh_token: HashedSecret,
    /// From this time on the refresh token is refused.
    pub refresh_token_expires_at: DateTime<Utc>,
}

/// A refresh token that was exchanged for a newer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatedToken {
    /// The hash of its secret part.
    pub hashed_refresh_token: HashedSecret,
    /// When it was exchanged.
    pub rotated_at: DateTime<Utc>,
}

impl OAuth2Grant {
    /// The scope that the user allowed; empty when none was asked for.
    pub fn granted_scope(&self) -> String {
        let authorization = self.authorization.as_ref();
        authorization.map_or_else(String::new, |authorization| authorization.scope.clone())
    }

    pub(super) fn evolve(&mut self, event: Event) {
        match event {
            Event::CodeIssued {
                app_id,
                user_id,
                hashed_code,
                redirect_uri,
                resource_uri,
                code_challenge,
                scope,
                exclusive,
                code_expires_at,
                ..
            } => {
                self.stage = Stage::CodeIssued;
                self.authorization = Some(Authorization {
                    app_id,
                    user_id,
                    hashed_code,
                    redirect_uri,
                    resource_uri,
                    code_challenge,
                    scope,
                    exclusive,
                    code_expires_at,
                });
            }
            Event::CodeExchanged {
                api_key_id,
                hashed_refresh_token,
                refresh_token_expires_at,
                ..
            } => {
                self.stage = Stage::Exchanged;
                self.generation = Some(Generation {
                    api_key_id,
                    hashed_refresh_token,
                    refresh_token_expires_at,
                });
            }
            Event::TokenRefreshed {
                api_key_id,
                hashed_refresh_token,
                refresh_token_expires_at,
                refreshed_at,
                ..
            } => {
                self.rotate(
                    Generation {
                        api_key_id,
                        hashed_refresh_token,
                        refresh_token_expires_at,
                    },
                    refreshed_at,
                );
            }
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
            Event::GrantRevoked { .. } => self.stage = Stage::Revoked,
        }
    }

    fn rotate(&mut self, next: Generation, rotated_at: DateTime<Utc>) {
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
