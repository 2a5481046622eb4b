//! Listing groups.

use chancery_ledger::Position;
use chancery_projections::group::{self, Group, GroupFilter, Visible};
use uuid::Uuid;

use super::members::{MemberLimit, ShownGroup, visible_counts, with_members};
use super::past;
use crate::Caller;
use crate::failure::{Failure, Refused};

/// The most members that one answer shows.
const MEMBERS_MAX: i64 = 100_000;

/// Which groups are wanted. What is None excludes nothing.
#[derive(Clone, Debug)]
pub struct GroupQuery {
    /// Of this organization, which the caller was found to see.
    pub organization_id: Option<Uuid>,
    /// With this member.
    pub has_member: Option<Uuid>,
    /// These.
    pub group_ids: Option<Vec<Uuid>>,
    /// At most so many.
    pub limit: Option<i64>,
    /// After so many.
    pub offset: i64,
    /// How many members are shown.
    pub members: MemberLimit,
}

/// The groups that the caller sees, with their members, as they are or as they were at a position.
pub async fn list(
    caller: &Caller,
    query: GroupQuery,
    as_of: Option<Position>,
) -> Result<Vec<ShownGroup>, Failure> {
    let services = caller.services();
    let filter = GroupFilter {
        visible: visible(caller),
        organization_id: query.organization_id,
        has_member: query.has_member,
        group_ids: query.group_ids,
        limit: query.limit,
        offset: query.offset,
    };
    let past = match as_of {
        None => None,
        Some(until) => Some(past::of_organization(services, query.organization_id, until).await?),
    };
    let pool = past.as_ref().map_or(services.pool(), |past| past.pool());
    let mut groups = group::list(pool, &filter).await?;
    if past.is_some() {
        retain_seen_now(caller, &mut groups).await?;
    }
    check_size(caller, &groups, query.members)?;
    with_members(pool, caller, groups, query.members).await
}

/// Leaves out the groups that the caller would not see now: who has left one sees its past no more.
async fn retain_seen_now(caller: &Caller, groups: &mut Vec<Group>) -> Result<(), Failure> {
    let ids: Vec<Uuid> = groups.iter().map(|group| group.id).collect();
    let own = group::member(caller.services().pool(), &ids, caller.user_id()).await?;
    groups.retain(|group| {
        let reads = caller.subject().reads_groups_of(group.organization_id);
        reads || own.contains_key(&group.id)
    });
    Ok(())
}

fn visible(caller: &Caller) -> Visible {
    let subject = caller.subject();
    if subject.reads_every_group() {
        return Visible::All;
    }
    Visible::Of {
        organization_ids: subject.organizations_with_readable_groups(),
        user_id: subject.user_id,
    }
}

fn check_size(caller: &Caller, groups: &[Group], limit: MemberLimit) -> Result<(), Failure> {
    let shown = limit.shown(&visible_counts(caller, groups));
    if shown <= MEMBERS_MAX {
        return Ok(());
    }
    let detail = format!(
        "That would be {shown} members, and at most {MEMBERS_MAX} are shown at once: ask for fewer groups with \"limit\" and \
         \"offset\", or for fewer members of each"
    );
    Err(Refused::invalid("member_limit", detail).into())
}
