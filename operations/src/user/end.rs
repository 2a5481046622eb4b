//! The end of what a user has handed out: after a change of the password, by a suspension, and with the user itself.
//!
//! The user's own event is what ends the keys: from its position on the credential look-up refuses every older key of the user,
//! those among them that are being made at the same moment. It is recorded together with the end of the user's OAuth2 grants
//! (and memberships). The keys' own ends follow, a few hundred at a time, so that their names are free and the trail shows them.

use chancery_aggregates::api_key::{
    ApiKey, Command as KeyCommand, DeletionReason, Error as KeyError,
};
use chancery_aggregates::oauth2_grant::{Command as GrantCommand, OAuth2Grant, RevocationReason};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::Event as MemberEvent;
use chancery_aggregates::user::{Command, OWNER, User, UserId};
use chancery_ledger::Position;
use chancery_projections::user::organization_roles;
use chancery_projections::{api_key, oauth2_grant};
use chrono::{DateTime, Utc};

use super::thing::{Account, Existence};
use crate::failure::Failure;
use crate::leave::{Leave, Thing};
use crate::organization_member::leave_organization;
use crate::policy::Action;
use crate::unit::Unit;
use crate::{Caller, Services};

#[cfg(test)]
mod tests;

/// Most streams that are ended in one append.
const AT_ONCE: i64 = 200;
/// Most events that are looked through at once.
const EVENTS_AT_ONCE: usize = 1000;
/// What ends, and so must show before more of it is looked for.
const ENDS: [&str; 4] = ["user", "organization_member", "api_key", "oauth2_grant"];

/// What ends.
pub(super) struct Ending<'a, T: Thing> {
    /// Leave to do so.
    pub leave: &'a Leave<'a, T>,
    /// Whose.
    pub user_id: UserId,
    /// What ends it.
    pub command: Command,
    /// Who makes the user leave its organizations, if anybody does.
    pub leaves: Option<&'a Caller>,
    /// Why keys of an earlier generation end; None: they stay recorded, and are refused.
    pub keys: Option<DeletionReason>,
    /// Why grants end; None: they do not.
    pub grants: Option<RevocationReason>,
}

impl<'a> Ending<'a, Account> {
    /// What ends when a user is suspended. Its keys are refused from then on, and ended when the suspension is: until then whoever
    /// shows one is told why it is refused.
    pub fn suspension(leave: &'a Leave<'a, Account>, user_id: UserId) -> Self {
        Self {
            leave,
            user_id,
            command: Command::SuspendUser,
            leaves: None,
            keys: None,
            grants: Some(RevocationReason::UserSuspended),
        }
    }

    /// What `command`, which ends a suspension, leaves behind.
    pub fn of_suspension(leave: &'a Leave<'a, Account>, user_id: UserId, command: Command) -> Self {
        Self {
            leave,
            user_id,
            command,
            leaves: None,
            keys: Some(DeletionReason::UserSuspended),
            grants: None,
        }
    }
}

impl<T> Ending<'_, T>
where
    T: Thing<Noun = User>,
{
    /// Carries the command out and ends all that the user has handed out. Returns when nothing of it is good any more.
    pub async fn run(&self) -> Result<(), Failure> {
        let services = self.services();
        let (mut position, mut joined) = self.begin().await?;
        // What was granted until here with a session that is over now, while this was being recorded, ends as well.
        let ended = services.clock().now();
        loop {
            services.wait_until_shown(&ENDS, position).await?;
            let pool = services.pool();
            let keys = match self.keys {
                Some(_) => api_key::refused_ids(pool, self.user_id, AT_ONCE).await?,
                None => Vec::new(),
            };
            let grants = self.grants(ended).await?;
            if keys.is_empty() && grants.is_empty() && joined.is_empty() {
                return Ok(());
            }
            position = self.finish(&keys, &grants, &joined).await?;
            joined.clear();
            if position.is_none() {
                // Another request ended the same ones.
                return Ok(());
            }
        }
    }

    fn services(&self) -> &Services {
        &self.leave.author().services
    }

    /// The command, with the first of the grants and the memberships. Also returns the organizations that the user was added to
    /// while this was being recorded.
    async fn begin(&self) -> Result<(Option<Position>, Vec<OrganizationId>), Failure> {
        let services = self.services();
        let begun = self.leave.unit_unseen(|mut unit| async move {
            let grants = self.grants(self.leave.now()).await?;
            let seen = services.head();
            let memberships = self.memberships(seen).await?;
            self.record(&mut unit).await?;
            for organization_id in memberships {
                self.leave_if_member(&mut unit, organization_id).await?;
            }
            self.revoke(&mut unit, &grants).await?;
            unit.done(seen)
        });
        let (seen, position) = begun.await?;
        let joined = self.joined(seen, position).await?;
        Ok((position, joined))
    }

    /// The command. Who became an owner since leave was given is an owner's to end.
    async fn record(&self, unit: &mut Unit<'_, T>) -> Result<(), Failure> {
        unit.record(self.command.clone()).await?;
        let Some(caller) = self.leaves else {
            return Ok(());
        };
        let present = unit.present().await?.into_live().ok_or(Failure::NotFound)?;
        let existence = Existence {
            user_id: self.user_id,
            is_owner: present.roles.iter().any(|role| role == OWNER),
        };
        caller.is_allowed(Action::Delete, existence.resource())
    }

    /// The organizations that the user leaves, as they are at a position.
    async fn memberships(&self, seen: Position) -> Result<Vec<OrganizationId>, Failure> {
        if self.leaves.is_none() {
            return Ok(Vec::new());
        }
        let services = self.services();
        let shown = services.wait_until_shown(&["organization_member"], seen);
        shown.await?;
        let memberships = organization_roles(services.pool(), self.user_id).await?;
        Ok(memberships.into_iter().map(|(id, _)| id).collect())
    }

    /// The organizations that the leaving user was added to after the position `seen` and until it was gone.
    async fn joined(
        &self,
        seen: Position,
        gone: Option<Position>,
    ) -> Result<Vec<OrganizationId>, Failure> {
        let mut joined = Vec::new();
        let mut after = seen;
        while self.leaves.is_some() && gone.is_some_and(|gone| after < gone) {
            let ledger = self.services().ledger();
            let events = ledger.read(after, EVENTS_AT_ONCE).await?;
            let Some(last) = events.last() else {
                break;
            };
            after = last.position;
            let of_members = events
                .iter()
                .filter(|event| event.aggregate_type == "organization_member");
            for event in of_members {
                let decoded = event.decode::<MemberEvent>();
                if let MemberEvent::OrganizationMemberAdded {
                    organization_id,
                    user_id,
                    ..
                } = decoded.map_err(|error| Failure::internal(&error))?
                    && user_id == self.user_id
                {
                    joined.push(organization_id);
                }
            }
        }
        Ok(joined)
    }

    async fn finish(
        &self,
        keys: &[String],
        grants: &[String],
        joined: &[OrganizationId],
    ) -> Result<Option<Position>, Failure> {
        let finished = self.leave.unit_unseen(|mut unit| async move {
            for (id, reason) in keys.iter().zip(self.keys.iter().cycle()) {
                let command = KeyCommand::DeleteApiKey { reason: *reason };
                match unit.try_also::<ApiKey>(id, command).await? {
                    Ok(_) | Err(KeyError::NotFound) => {}
                    Err(refused) => return Err(Failure::of_refusal(&refused)),
                }
            }
            self.revoke(&mut unit, grants).await?;
            for organization_id in joined {
                self.leave_if_member(&mut unit, *organization_id).await?;
            }
            unit.done(())
        });
        let ((), position) = finished.await?;
        Ok(position)
    }

    /// Takes the user out of an organization and its groups; one that it has left already counts as left.
    async fn leave_if_member(
        &self,
        unit: &mut Unit<'_, T>,
        organization_id: OrganizationId,
    ) -> Result<(), Failure> {
        let pool = self.services().pool();
        let left = leave_organization(unit, pool, organization_id, self.user_id);
        // Whether it was a member makes no difference.
        let _ = left.await?;
        Ok(())
    }

    /// Grants that end, as many as end at once.
    async fn grants(&self, until: DateTime<Utc>) -> Result<Vec<String>, Failure> {
        if self.grants.is_none() {
            return Ok(Vec::new());
        }
        let pool = self.services().pool();
        Ok(oauth2_grant::live_ids_until(pool, self.user_id, until, AT_ONCE).await?)
    }

    async fn revoke(&self, unit: &mut Unit<'_, T>, grants: &[String]) -> Result<(), Failure> {
        for (id, reason) in grants.iter().zip(self.grants.iter().cycle()) {
            let command = GrantCommand::Revoke { reason: *reason };
            unit.also::<OAuth2Grant>(id, command).await?;
        }
        Ok(())
    }
}
