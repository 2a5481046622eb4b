//! Finding one group.

use chancery_ledger::Position;
use chancery_projections::group::{self, Group};
use sqlx::PgPool;
use uuid::Uuid;

use super::members::{MemberLimit, ShownGroup, with_members};
use super::{OneGroup, past};
use crate::Caller;
use crate::failure::Failure;
use crate::organization::Organization;
use crate::policy::{OrganizationPart, Resource};

/// How a group is named.
#[derive(Clone, Copy, Debug)]
pub enum GroupRef<'a> {
    /// By its id.
    Id(Uuid),
    /// By its name, in an organization that the caller was found to see.
    Name(&'a Organization, &'a str),
}

/// A group that the caller sees, as one of its members or by its role.
#[derive(Clone, Debug)]
pub struct SeenGroup {
    /// The group.
    pub group: Group,
    pub(super) part: OrganizationPart,
}

impl SeenGroup {
    pub(super) fn thing(&self) -> OneGroup {
        OneGroup {
            id: self.group.id,
            organization_id: self.group.organization_id,
            part: self.part,
        }
    }
}

/// The group that `reference` names. One that the caller does not see is not found.
pub async fn find(caller: &Caller, reference: GroupRef<'_>) -> Result<SeenGroup, Failure> {
    find_in(caller.services().pool(), caller, reference).await
}

/// Like [`find`], in the tables of `pool`.
pub(super) async fn find_in(
    pool: &PgPool,
    caller: &Caller,
    reference: GroupRef<'_>,
) -> Result<SeenGroup, Failure> {
    let reference = match reference {
        GroupRef::Id(id) => group::GroupRef::Id(id),
        GroupRef::Name(organization, name) => group::GroupRef::Name(organization.id, name),
    };
    let group = group::find(pool, reference).await?;
    let group = group.ok_or(Failure::NotFound)?;
    let part = seen_part(pool, caller, &group).await?;
    Ok(SeenGroup { group, part })
}

/// As what the caller sees `group`, by the memberships in the tables of `pool`.
async fn seen_part(
    pool: &PgPool,
    caller: &Caller,
    group: &Group,
) -> Result<OrganizationPart, Failure> {
    let own = group::member(pool, &[group.id], caller.user_id()).await?;
    let part = OrganizationPart::Group {
        is_member: own.contains_key(&group.id),
    };
    caller.sees(Resource::Organization {
        id: group.organization_id,
        part,
    })?;
    Ok(part)
}

/// Refuses a group as it was to one who would not see it now: who has left it sees its past no more.
pub(super) async fn sees_now(caller: &Caller, group: &Group) -> Result<(), Failure> {
    seen_part(caller.services().pool(), caller, group).await?;
    Ok(())
}

impl ShownGroup {
    /// The group that `reference` names with those of its members that the caller sees, as it is or as it was at a position.
    pub async fn find(
        caller: &Caller,
        reference: GroupRef<'_>,
        as_of: Option<Position>,
    ) -> Result<Self, Failure> {
        match as_of {
            None => Self::find_in(caller.services().pool(), caller, reference).await,
            Some(until) => {
                let past = past::of_group(caller.services(), reference, until).await?;
                let shown = Self::find_in(past.pool(), caller, reference).await?;
                sees_now(caller, &shown.group).await?;
                Ok(shown)
            }
        }
    }

    async fn find_in(
        pool: &PgPool,
        caller: &Caller,
        reference: GroupRef<'_>,
    ) -> Result<Self, Failure> {
        let SeenGroup { group, .. } = find_in(pool, caller, reference).await?;
        let shown = with_members(pool, caller, vec![group], MemberLimit::All).await?;
        shown.into_iter().next().ok_or(Failure::NotFound)
    }
}
