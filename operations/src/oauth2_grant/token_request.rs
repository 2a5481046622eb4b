//! What the two ways to get tokens share. The grant's aggregate decides; its events are the outcome, refusals among them.

use chancery_aggregates::Life;
use chancery_aggregates::oauth2_app::OAuth2App;
use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant, Refusal, TokenRequest as Kind};
use chancery_aggregates::user::User;
use chancery_ledger::{Executed, Present, Rests};
use chrono::{DateTime, Utc};

use super::Grant;
use crate::Services;
use crate::credential::{has_its_app, may_sign_in};
use crate::failure::Failure;
use crate::leave::{ATTEMPTS, Leave};
use crate::oauth2_app::AuthenticatedClient;
use crate::policy::{Action, PublicOperation};
use crate::secret::{NewApiKey, NewPrefixedSecret, Secret};

/// Why no tokens are given.
#[derive(Debug, thiserror::Error)]
pub enum TokenFailure {
    /// The code, the token or what goes with it is refused, which is recorded.
    #[error("{0}")]
    Refused(Refused),
    /// Something else.
    #[error(transparent)]
    Failure(Failure),
}

/// What is wrong with a request for tokens. What is wrong with a code or token itself is not told apart: that would help a guesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The code is unknown, wrong, expired, used, or another client's.
    #[error("the authorization code is invalid or expired")]
    Code,
    /// The PKCE verifier is missing or does not match the challenge.
    #[error("the PKCE code verifier is invalid")]
    Verifier,
    /// The redirect URI differs from the one of the authorization request.
    #[error("the redirect URI does not match the authorization request")]
    RedirectUri,
    /// The resource is malformed, or differs from the authorized one.
    #[error("the resource is invalid")]
    Target,
    /// The refresh token is unknown, wrong, expired, rotated away, or another client's.
    #[error("the refresh token is invalid or expired")]
    RefreshToken,
}

impl From<Refused> for TokenFailure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Failure> for TokenFailure {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Tokens that work.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// Exchanged for the next pair; it works once.
    pub refresh_token: Secret,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// The scope that was granted; empty when none was asked for.
    pub scope: String,
}

/// Tokens that become valid when the grant accepts them.
pub(super) struct NewTokens {
    pub access_token: NewApiKey,
    pub refresh_token: NewPrefixedSecret,
    pub expires_in: i64,
    pub access_token_expires_at: DateTime<Utc>,
    pub refresh_token_expires_at: DateTime<Utc>,
}

/// A request of an app for tokens of one grant.
pub(super) struct TokenRequest<'a> {
    pub from: &'a AuthenticatedClient,
    pub grant: Grant,
    pub kind: Kind,
}

impl TokenRequest<'_> {
    /// The app's leave to use the grant: what it shows is the proof.
    pub fn leave(&self) -> Leave<'_, Grant> {
        let author = self.from.guest.as_actor(self.from.actor());
        let operation = PublicOperation::TokenEndpoint;
        Leave::public(operation, author, Action::Update, &self.grant)
    }

    pub fn services(&self) -> &Services {
        self.from.guest.services()
    }

    /// Draws tokens for the grant.
    pub fn new_tokens(&self, now: DateTime<Utc>) -> Result<NewTokens, Failure> {
        let randomness = self.services().randomness();
        let lifetimes = self.services().settings().lifetimes;
        let mut lifetime = lifetimes.access_token;
        if self.from.client.thing.is_self_registered() {
            lifetime = lifetime.min(lifetimes.self_registered_access_token);
        }
        let (expires_in, access_token_expires_at) = Services::expiry(lifetime, now)?;
        let (_, refresh_token_expires_at) = Services::expiry(lifetimes.refresh_token, now)?;
        Ok(NewTokens {
            access_token: NewApiKey::generate(&*self.grant.id, &randomness),
            refresh_token: NewPrefixedSecret::generate(&*self.grant.id, &randomness),
            expires_in,
            access_token_expires_at,
            refresh_token_expires_at,
        })
    }

    /// Carries out a command on the grant. What it rests on (the app, the user, what the grant was made with) is named by the append,
    /// and looked at again where it has changed. None: there is no such grant, its user may not sign in, what it was made with is
    /// gone, or a later one of the user and app took its place; what concerns the grant is recorded.
    pub async fn execute(
        &self,
        leave: &Leave<'_, Grant>,
        command: &Command,
    ) -> Result<Option<Executed<OAuth2Grant>>, Failure> {
        for _ in 0..ATTEMPTS {
            let ledger = self.services().ledger();
            let basis = match self.basis(&ledger.so_far()).await? {
                // Nobody is refused by what may have changed.
                Basis::UserInactive | Basis::Gone => self.basis(&ledger.now().await?).await?,
                basis @ Basis::Good(_) => basis,
            };
            let rests = match basis {
                Basis::Good(rests) => rests,
                Basis::Gone => return Ok(None),
                Basis::UserInactive => {
                    self.refuse(Refusal::UserInactive).await?;
                    return Ok(None);
                }
            };
            match leave.record_resting(command.clone(), &rests).await {
                Ok(executed) => return Ok(Some(executed)),
                Err(Failure::Conflict) => {}
                Err(Failure::NotFound) => return Ok(None),
                Err(Failure::KeyNotHeld(_)) => {
                    self.refuse(Refusal::Superseded).await?;
                    return Ok(None);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Conflict)
    }

    /// What the request rests on. The user of a grant never changes.
    async fn basis(&self, view: &Present) -> Result<Basis, Failure> {
        let mut rests = Rests::default();
        let app_id = self.from.client.id.to_string();
        let app = view.state::<OAuth2App>(&app_id).await?;
        let live = app.state.life.live();
        if !live.is_some_and(|app| app.has_secret(self.from.secret_id)) {
            return Ok(Basis::Gone);
        }
        rests.on(&app_id, &app);
        let grant = view.state::<OAuth2Grant>(&self.grant.id).await?;
        let Some(grant) = grant.state.life.live() else {
            // Nobody's: the command on it will say so.
            return Ok(Basis::Good(rests));
        };
        let authorization = &grant.authorization;
        let user_id = authorization.user_id.to_string();
        let user = view.state::<User>(&user_id).await?;
        let may_act = |user: &User| {
            may_sign_in(user.status)
                && user.credential_generation == authorization.credential_generation
        };
        if !user.state.life.live().is_some_and(may_act) {
            return Ok(Basis::UserInactive);
        }
        rests.on(&user_id, &user);
        if self.kind == Kind::Refresh && !has_its_app(view, grant).await? {
            return Ok(Basis::Gone);
        }
        Ok(Basis::Good(rests))
    }

    async fn refuse(&self, reason: Refusal) -> Result<(), Failure> {
        let (leave, request) = (self.leave(), self.kind);
        let refuse = Command::Refuse { request, reason };
        leave.record_unseen(refuse).await?;
        Ok(())
    }
}

/// What a request for tokens is decided on.
enum Basis {
    /// These streams as they were seen.
    Good(Rests),
    /// The grant's user may not sign in, or has ended all that it had handed out.
    UserInactive,
    /// The app, its secret, or what the grant was made with is gone.
    Gone,
}

impl NewTokens {
    /// Gives the tokens out. They work already: whoever is shown them looks at the log.
    pub fn give(self, executed: &Executed<OAuth2Grant>) -> Tokens {
        Tokens {
            access_token: self.access_token.text,
            refresh_token: self.refresh_token.text,
            expires_in: self.expires_in,
            expires_at: self.access_token_expires_at,
            scope: granted_scope(&executed.state),
        }
    }
}

/// The scope that the user allowed; empty when none was asked for.
fn granted_scope(grant: &Life<OAuth2Grant>) -> String {
    let grant = grant.live();
    grant.map_or_else(String::new, |grant| grant.authorization.scope.clone())
}
