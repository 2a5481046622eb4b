//! Reading groups, as they are or as they were at a position.

use chancery_ledger::Position;

use super::tables::Tables;
use super::{Group, GroupFilter, GroupMember, MemberLimit, ShownGroup};
use crate::Caller;
use crate::failure::{Failure, Refused};

/// The most members that one answer shows.
const MEMBERS_MAX: i64 = 100_000;

/// The group that `filter` finds. One that the caller does not see is not found.
pub async fn find(caller: &Caller, filter: GroupFilter) -> Result<Group, Failure> {
    let tables = Tables::of(caller, filter, None).await?;
    tables.group().await
}

/// The group that `filter` finds with those of its members that the caller sees.
pub async fn get(
    caller: &Caller,
    filter: GroupFilter,
    as_of: Option<Position>,
) -> Result<ShownGroup, Failure> {
    let tables = Tables::of(caller, filter, as_of).await?;
    let group = vec![tables.group().await?];
    let shown = tables.with_members(group, MemberLimit::All).await?.pop();
    shown.ok_or(Failure::NotFound)
}

/// The groups that the caller sees, with their members. An organization to list those of is one that it was found to see.
pub async fn list(
    caller: &Caller,
    filter: GroupFilter,
    limit: MemberLimit,
    as_of: Option<Position>,
) -> Result<Vec<ShownGroup>, Failure> {
    let tables = Tables::of(caller, filter, as_of).await?;
    let groups = tables.groups().await?;
    let shown = limit.shown(&tables.counts(&groups));
    if shown > MEMBERS_MAX {
        let detail = format!(
            "That would be {shown} members, and at most {MEMBERS_MAX} are shown at once: ask for fewer groups with \"limit\" and \
             \"offset\", or for fewer members of each"
        );
        return Err(Refused::invalid("member_limit", detail).into());
    }
    tables.with_members(groups, limit).await
}

/// Members of a group that the caller sees, by user name: at most `limit` (None: all) after the first `offset`; and how many there
/// are in all. Who does not see all members sees itself.
pub async fn list_members(
    caller: &Caller,
    filter: GroupFilter,
    (limit, offset): (Option<i64>, i64),
    as_of: Option<Position>,
) -> Result<(Vec<GroupMember>, i64), Failure> {
    let tables = Tables::of(caller, filter, as_of).await?;
    let group = tables.group().await?;
    let count = if tables.shows_all_of(&group) {
        group.member_count
    } else {
        1
    };
    let members = tables.members(&[group], limit, offset).await?;
    Ok((members.into_values().flatten().collect(), count))
}
