//! The user allows a request, and a code is issued.

use chancery_aggregates::oauth2::pkce::CodeChallenge;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::OAuth2App;
use chancery_aggregates::oauth2_grant::{Command, IssueCode};
use chrono::TimeDelta;

use super::Grant;
use crate::Caller;
use crate::failure::Failure;
use crate::oauth2_app::Client;
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

/// Issues a code to an app. None is issued with a session that has ended, or to an app that consents for itself. Returns its text.
pub async fn issue(
    caller: &Caller,
    client: &Client,
    request: ConsentedRequest,
) -> Result<Secret, Failure> {
    let randomness = caller.services().randomness();
    let id = short_id(&randomness, caller.services().clock().now());
    let code = NewPrefixedSecret::generate(id, &randomness);
    let grant = Grant {
        id: code.prefix.clone(),
        user_id: caller.user_id(),
    };
    let leave = caller.may(Action::Create, &grant)?;
    caller.hands_out_credentials()?;
    let code_issued = &|credential_generation| IssueCode {
        app_id: client.id,
        user_id: caller.user_id(),
        credential_generation,
        hashed_code: code.hash.clone(),
        redirect_uri: request.redirect_uri.clone(),
        resource_uri: request.resource.clone(),
        code_challenge: request.code_challenge.clone(),
        scope: request.scope.clone(),
        state_hash: request.state_hash.clone(),
        exclusive: !client.thing.allow_multiple_grants,
        code_expires_at: leave.now() + CODE_LIFETIME,
        issued_at: leave.now(),
    };
    // The exchange rests on the grant's stream, so nobody waits for read models.
    leave
        .unit_unseen(|mut unit| async move {
            let user = caller.stays(&mut unit).await?;
            unit.live::<OAuth2App>(&client.id.to_string()).await?;
            let code = code_issued(user.credential_generation);
            unit.record_new(Command::IssueCode(code)).await?;
            unit.done(())
        })
        .await?;
    Ok(code.text)
}
