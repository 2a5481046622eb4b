//! The user allows a request, and a code is issued.

use chancery_aggregates::oauth2::pkce::CodeChallenge;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_grant::{Command, IssueCode};
use chancery_projections::oauth2_app::Client;
use chrono::TimeDelta;

use super::Grant;
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;
use crate::secret::{NewPrefixedSecret, Secret, short_id};

/// A code's lifetime (contract oauth2 7.5).
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

/// Issues a code to an app. None is issued with a session that has ended, or to an app that consents for itself. Returns its text.
pub async fn issue(
    caller: &Caller,
    client: &Client,
    request: ConsentedRequest,
) -> Result<Secret, Failure> {
    let randomness = caller.services().randomness();
    let code = NewPrefixedSecret::generate(short_id(&randomness), &randomness);
    let grant = Grant {
        id: code.prefix,
        user_id: caller.user_id(),
    };
    let leave = caller.may(Action::Create, &grant)?;
    caller.hands_out_credentials()?;
    let command = &Command::IssueCode(IssueCode {
        app_id: client.id,
        user_id: caller.user_id(),
        hashed_code: code.hash,
        redirect_uri: request.redirect_uri,
        resource_uri: request.resource,
        code_challenge: request.code_challenge,
        scope: request.scope,
        state_hash: request.state_hash,
        exclusive: !client.app.allow_multiple_grants,
        code_expires_at: leave.now() + CODE_LIFETIME,
        issued_at: leave.now(),
    });
    // The exchange rests on the grant's stream, so nobody waits for read models.
    leave
        .unit_unseen(|mut unit| async move {
            caller.stays(&mut unit).await?;
            unit.record_new(command.clone()).await?;
            unit.done(())
        })
        .await?;
    Ok(code.text)
}
