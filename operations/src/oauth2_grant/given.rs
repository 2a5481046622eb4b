//! What a user has given to whom.

use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant, RevocationReason};
use chancery_aggregates::user::UserId;
use chancery_projections::oauth2_grant::{self as rows, Grant as Row};
use chrono::{DateTime, Utc};

use super::Grant;
use crate::Caller;
use crate::credential::Credential;
use crate::failure::Failure;
use crate::oauth2_app::{self, Client};
use crate::policy::{Action, Resource};

/// Most grants that end in one append.
const AT_ONCE: i64 = 200;

/// A grant whose tokens work, or can be refreshed.
#[derive(Clone, Debug)]
pub struct GivenGrant {
    /// The grant.
    pub grant: Row,
    /// The app that holds it.
    pub app: Client,
    /// When a token of it was last used, at most an hour late; `None`: not yet.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl GivenGrant {
    /// When nothing of it works any more.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        let grant = &self.grant;
        grant
            .access_token_expires_at
            .max(grant.refresh_token_expires_at)
    }
}

/// The grants of a user that are in force, the newest first.
pub async fn list_given(caller: &Caller, user_id: UserId) -> Result<Vec<GivenGrant>, Failure> {
    caller.sees(Resource::OAuth2Grant { user_id })?;
    let services = caller.services();
    services.wait_until_present_shows(&["oauth2_grant"]).await?;
    let now = services.clock().now();
    let listed = rows::list_exchanged(services.pool(), user_id, now).await?;
    let view = services.ledger().now().await?;
    let mut given = Vec::with_capacity(listed.len());
    for (grant, last_used_at) in listed {
        // A new password, or the end of the app, ends grants without an event of their own.
        if Credential::find(&view, &grant.id).await?.is_none() {
            continue;
        }
        if let Some(app) = oauth2_app::find(&view, grant.app_id).await? {
            given.push(GivenGrant {
                grant,
                app,
                last_used_at,
            });
        }
    }
    Ok(given)
}

/// Takes one grant of a user back: its tokens end.
pub async fn withdraw(caller: &Caller, user_id: UserId, grant_id: &str) -> Result<(), Failure> {
    let grant = Grant {
        id: grant_id.to_owned(),
        user_id,
    };
    let leave = caller.may(Action::Delete, &grant)?;
    let view = caller.services().ledger().now().await?;
    let seen = view.state::<OAuth2Grant>(grant_id).await?;
    let is_the_users = |grant: &OAuth2Grant| grant.authorization.user_id == user_id;
    if !seen.state.life.live().is_some_and(is_the_users) {
        return Err(Failure::NotFound);
    }
    let reason = RevocationReason::UserRequest;
    leave.record(Command::Revoke { reason }).await?;
    Ok(())
}

/// Takes everything back that a user has given to apps, codes that wait for their exchange included.
pub async fn withdraw_all(caller: &Caller, user_id: UserId) -> Result<(), Failure> {
    let services = caller.services();
    let grants = Grant {
        id: String::new(),
        user_id,
    };
    let leave = caller.may(Action::Delete, &grants)?;
    services.wait_until_present_shows(&["oauth2_grant"]).await?;
    loop {
        let now = leave.now();
        let ended = leave.unit(|mut unit| async move {
            let live = rows::live_ids_until(services.pool(), user_id, now, AT_ONCE).await?;
            for id in &live {
                let reason = RevocationReason::UserRequest;
                unit.also::<OAuth2Grant>(id, Command::Revoke { reason })
                    .await?;
            }
            unit.done(live.len())
        });
        if ended.await? == 0 {
            return Ok(());
        }
    }
}
