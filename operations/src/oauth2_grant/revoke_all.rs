//! A user takes back what was granted to an app (docs/contract/oauth2.md 7.6).

use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant, RevocationReason};
use chancery_projections::oauth2_grant::{Grant as Row, list_live};
use chrono::{DateTime, Utc};

use super::Grant;
use crate::Caller;
use crate::failure::Failure;
use crate::oauth2_app::Client;
use crate::policy::Action;

/// Ends the caller's codes and tokens of an app. Nothing to end is no failure.
pub async fn revoke_all(caller: &Caller, client: &Client) -> Result<(), Failure> {
    let (services, user_id) = (caller.services(), caller.user_id());
    // Several grants of one user: each is as much the user's as the other.
    let grants = Grant {
        id: String::new(),
        user_id,
    };
    let leave = caller.may(Action::Delete, &grants)?;
    let now = leave.now();
    // The list must show every code that was issued before this request.
    services.wait_until_present_shows(&["oauth2_grant"]).await?;
    leave
        .unit(|mut unit| async move {
            let live = list_live(services.pool(), user_id, client.id).await?;
            for grant in live.iter().filter(|grant| is_usable(grant, now)) {
                let reason = RevocationReason::UserRequest;
                unit.also::<OAuth2Grant>(&grant.id, Command::Revoke { reason })
                    .await?;
            }
            unit.done(())
        })
        .await
}

/// Whether the grant's code or tokens may still be used at `now`; what has expired needs no event.
fn is_usable(grant: &Row, now: DateTime<Utc>) -> bool {
    [
        Some(grant.code_expires_at),
        grant.access_token_expires_at,
        grant.refresh_token_expires_at,
    ]
    .into_iter()
    .flatten()
    .any(|end| end > now)
}
