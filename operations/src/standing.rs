//! What a decision of the policy rests on where it takes roles: the one who asks, as the log had it.
//!
//! Whatever is recorded on such a decision names these streams in its append. So of two who take each other's roles at the same
//! moment one fails as a conflict, looks again, and finds that it has none.

use chancery_aggregates::organization_member::{OrganizationMember, stream_id};
use chancery_aggregates::user::{User, UserId};
use chancery_ledger::{Ledger, Rests, Seen};

use crate::authenticate::Unauthenticated;
use crate::credential::{Credential, may_sign_in};
use crate::failure::Failure;
use crate::leave::Thing;
use crate::policy::Resource;
use crate::unit::Unit;

/// The streams that say which roles a user has: its own, and that of its membership in the organization concerned.
#[derive(Clone)]
pub(crate) struct Standing {
    user_id: UserId,
    user: Seen<User>,
    membership: Option<(String, Seen<OrganizationMember>)>,
}

impl Standing {
    /// Of the holder of a credential, towards `resource`.
    pub fn of(credential: &Credential, resource: Resource) -> Self {
        let user_id = credential.user.id;
        let membership = resource.organization_id().and_then(|organization_id| {
            let seen = credential.membership_seen(organization_id)?;
            Some((stream_id(organization_id, user_id), seen.clone()))
        });
        Self {
            user_id,
            user: credential.user_seen().clone(),
            membership,
        }
    }

    /// The streams, as an append names them.
    pub fn rests(&self) -> Rests {
        let mut rests = Rests::default();
        rests.on(&self.user_id.to_string(), &self.user);
        if let Some((id, seen)) = &self.membership {
            rests.on(id, seen);
        }
        rests
    }

    /// Names the streams in a unit's append.
    pub fn bears<T: Thing>(&self, unit: &mut Unit<'_, T>) -> Result<(), Failure> {
        unit.rests_on(&self.user_id.to_string(), &self.user)?;
        match &self.membership {
            Some((id, seen)) => unit.rests_on(id, seen),
            None => Ok(()),
        }
    }

    /// As it is now, if the user still has all the roles that it had.
    pub async fn renewed(self, ledger: &Ledger) -> Result<Self, Failure> {
        let now = ledger.now().await?;
        let user = now.state::<User>(&self.user_id.to_string()).await?;
        let live = user.state.life.live().ok_or(Unauthenticated::Ended)?;
        if !may_sign_in(live.status) {
            return Err(Unauthenticated::Suspended.into());
        }
        keeps(
            self.user.state.life.live().map(|user| &user.roles),
            Some(&live.roles),
        )?;
        let membership = match self.membership {
            Some((id, before)) => {
                let seen = now.state::<OrganizationMember>(&id).await?;
                let roles_of = |seen: &Seen<OrganizationMember>| {
                    let membership = seen.state.life.live();
                    membership.map(|membership| membership.roles.clone())
                };
                keeps(roles_of(&before).as_ref(), roles_of(&seen).as_ref())?;
                Some((id, seen))
            }
            None => None,
        };
        Ok(Self {
            user_id: self.user_id,
            user,
            membership,
        })
    }
}

/// Refuses one who lacks a role now that it had before.
fn keeps(before: Option<&Vec<String>>, now: Option<&Vec<String>>) -> Result<(), Failure> {
    let has = |role: &String| now.is_some_and(|now| now.contains(role));
    if before.into_iter().flatten().all(has) {
        Ok(())
    } else {
        Err(Failure::NOT_ALLOWED)
    }
}
