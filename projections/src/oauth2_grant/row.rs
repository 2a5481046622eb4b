use chancery_aggregates::oauth2_app::{AppSecretId, OAuth2AppId};
use chancery_aggregates::oauth2_grant::{Exclusive, Place};
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use strum::{EnumString, IntoStaticStr};

/// Where a grant is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Its code waits for the exchange, or has expired.
    #[default]
    CodeIssued,
    /// It holds tokens.
    Exchanged,
    /// A newer exclusive grant took its place.
    Superseded,
    /// It was revoked.
    Revoked,
}

chancery_noun::named!(Status);

impl Status {
    pub(super) const fn is_live(self) -> bool {
        matches!(self, Self::CodeIssued | Self::Exchanged)
    }
}

/// An authorization that a user gave an app: its code, then its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
pub struct Grant {
    /// The prefix of its code's and refresh tokens' texts.
    pub id: String,
    /// The app.
    pub app_id: OAuth2AppId,
    /// The user.
    pub user_id: UserId,
    /// Where it is in its life.
    #[sqlx(try_from = "String")]
    pub status: Status,
    /// Which other grants of the user it takes the place of.
    #[sqlx(try_from = "String")]
    pub exclusive: Exclusive,
    /// Redirect URI named by the authorization request.
    pub redirect_uri: Option<String>,
    /// Resource of the authorization request (RFC 8707).
    pub resource_uri: Option<String>,
    /// PKCE challenge (RFC 7636).
    pub code_challenge: Option<String>,
    /// `S256`, or `None` without a challenge.
    pub code_challenge_method: Option<String>,
    /// Granted scope, space-separated; may be empty.
    pub scope: String,
    /// End of the code's validity.
    pub code_expires_at: DateTime<Utc>,
    /// The client secret that authenticated the exchange; `None` for public clients.
    pub app_secret_id: Option<AppSecretId>,
    /// Resource that the tokens are bound to.
    pub audience: Option<String>,
    /// End of the present access token's validity.
    pub access_token_expires_at: Option<DateTime<Utc>>,
    /// End of the present refresh token's validity.
    pub refresh_token_expires_at: Option<DateTime<Utc>>,
    /// When the code was issued.
    pub issued_at: DateTime<Utc>,
    /// When the code was exchanged.
    pub exchanged_at: Option<DateTime<Utc>>,
    /// When the tokens were last refreshed.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When it was superseded or revoked.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was revoked.
    pub revocation_reason: Option<String>,
}

impl Grant {
    /// Where no other grant of the user may live beside it; `None`: it shares.
    pub(super) fn place(&self) -> Option<Place> {
        let resource = self.resource_uri.as_deref();
        self.exclusive.place(self.user_id, self.app_id, resource)
    }
}
