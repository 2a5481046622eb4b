//! The user allows a request, and a code is issued.

use chancery_aggregates::oauth2::pkce::CodeChallenge;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::{OAuth2App, OAuth2AppId};
use chancery_aggregates::oauth2_grant::{Command, IssueCode};
use chrono::TimeDelta;

use super::Grant;
use crate::authenticate::Presumed;
use crate::failure::Failure;
use crate::policy::Action;
use crate::secret::{NewPrefixedSecret, Secret, short_id};

/// A code's lifetime (docs/contract/oauth2.md 7.5).
const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// What the user consents to. It has been checked against what the app registered.
#[derive(Clone, Debug)]
pub struct ConsentedRequest {
    /// The redirect URI, when the request had one.
    pub redirect_uri: Option<RedirectUri>,
    /// The resource that tokens are for.
    pub resource: Option<Resource>,
    /// The PKCE challenge.
    pub code_challenge: Option<CodeChallenge>,
    /// The scope.
    pub scope: Scope,
    /// The hash of `state`.
    pub state_hash: Option<HashedSecret>,
}

/// Issues a code to an app. None is issued with a session that has ended, or to an app that consents for itself.
///
/// `check` reads the request against the app, and says with it what the caller of this needs to answer. The code rests on the app
/// that was checked: what it is registered with may be changed elsewhere in between, and then it is checked again.
///
/// Returns the code's text, or why the app may not ask for this.
pub async fn issue<T, E>(
    presumed: &Presumed,
    app_id: OAuth2AppId,
    check: impl Fn(&OAuth2App) -> Result<(ConsentedRequest, T), E>,
) -> Result<Result<(Secret, T), E>, Failure> {
    let caller = presumed.caller();
    let randomness = caller.services().randomness();
    let id = short_id(&randomness, caller.services().clock().now());
    let code = NewPrefixedSecret::generate(id, &randomness);
    let grant = Grant {
        id: code.prefix.clone(),
        user_id: caller.user_id(),
    };
    let leave = caller.may(Action::Create, &grant)?;
    caller.hands_out_credentials()?;
    let (check, issued_at, hashed_code) = (&check, leave.now(), &code.hash);
    // The exchange rests on the grant's stream, so nobody waits for read models.
    let (checked, _) = leave
        .unit_unseen(|mut unit| async move {
            let user = caller.stays(&mut unit).await?;
            let app = unit.live::<OAuth2App>(&app_id.to_string()).await?;
            let (request, shown) = match check(&app) {
                Ok(checked) => checked,
                Err(refused) => return unit.done(Err(refused)),
            };
            let issue = IssueCode {
                app_id,
                user_id: caller.user_id(),
                credential_generation: user.credential_generation,
                hashed_code: hashed_code.clone(),
                redirect_uri: request.redirect_uri,
                resource_uri: request.resource,
                code_challenge: request.code_challenge,
                scope: request.scope,
                state_hash: request.state_hash,
                exclusive: !app.allow_multiple_grants,
                code_expires_at: issued_at + CODE_LIFETIME,
                issued_at,
            };
            unit.record_new(Command::IssueCode(issue)).await?;
            unit.done(Ok(shown))
        })
        .await?;
    Ok(checked.map(|shown| (code.text, shown)))
}
