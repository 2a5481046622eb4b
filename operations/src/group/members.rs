//! Which of a group's members an answer shows: to whom, and how many.

use std::collections::HashMap;

use chancery_ledger::Position;
use chancery_projections::group::{self, Group, GroupMember};
use sqlx::PgPool;

use super::find::{GroupRef, find_in, sees_now};
use super::past;
use crate::Caller;
use crate::failure::Failure;

/// A group with those of its members that the caller sees.
#[derive(Clone, Debug)]
pub struct ShownGroup {
    /// The group.
    pub group: Group,
    /// The members.
    pub members: Vec<GroupMember>,
}

/// How many members the groups of an answer show together where nobody asked for a number: a page of large groups stays a
/// page, and small groups are whole.
const FITTING: i64 = 1_000;

/// How many members of a group are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberLimit {
    /// All.
    All,
    /// At most so many of each group, the first by user name.
    Each(i64),
    /// All of them while they are few in all groups together; else the first of each group by user name, and of each as many as
    /// fit.
    Fitting,
}

impl MemberLimit {
    /// The most of one group of those with so many members; `None`: all.
    fn of_each(self, counts: &[i64]) -> Option<i64> {
        match self {
            Self::All => None,
            Self::Each(limit) => Some(limit),
            Self::Fitting => fitting(counts, FITTING),
        }
    }

    /// How many members of groups with so many are shown in all.
    pub(super) fn shown(self, counts: &[i64]) -> i64 {
        let limit = self.of_each(counts).unwrap_or(i64::MAX);
        counts.iter().map(|count| limit.min(*count)).sum()
    }
}

/// The greatest number that each of the groups may show when all together show at most `room`; `None`: all fit.
fn fitting(counts: &[i64], room: i64) -> Option<i64> {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    let mut room = room;
    let mut groups = i64::try_from(counts.len()).unwrap_or(i64::MAX);
    for count in counts {
        let share = room / groups;
        if count > share {
            return Some(share);
        }
        room -= count;
        groups -= 1;
    }
    None
}

/// How many members each of these groups has, of those whose members the session may see.
pub(super) fn visible_counts(caller: &Caller, groups: &[Group]) -> Vec<i64> {
    let subject = caller.subject();
    groups
        .iter()
        .filter(|group| subject.reads_groups_of(group.organization_id))
        .map(|group| group.member_count)
        .collect()
}

/// Groups with the members that the session may see: up to `limit`, or only himself.
pub(super) async fn with_members(
    pool: &PgPool,
    caller: &Caller,
    groups: Vec<Group>,
    limit: MemberLimit,
) -> Result<Vec<ShownGroup>, Failure> {
    let limit = limit.of_each(&visible_counts(caller, &groups));
    let subject = caller.subject();
    let (whole, own): (Vec<&Group>, Vec<&Group>) = groups
        .iter()
        .partition(|group| subject.reads_groups_of(group.organization_id));
    let ids = |groups: Vec<&Group>| groups.into_iter().map(|group| group.id).collect::<Vec<_>>();
    let (whole, own) = (ids(whole), ids(own));
    let mut members = HashMap::new();
    if limit != Some(0) {
        if !whole.is_empty() {
            members = group::members(pool, &whole, limit, 0).await?;
        }
        if !own.is_empty() {
            let found = group::member(pool, &own, caller.user_id()).await?;
            members.extend(found.into_iter().map(|(id, member)| (id, vec![member])));
        }
    }
    let models = groups.into_iter().map(|group| {
        let members = members.remove(&group.id).unwrap_or_default();
        ShownGroup { group, members }
    });
    Ok(models.collect())
}

/// Members of a group that the caller sees, by user name: at most `limit` (None: all) after the first `offset`; and how many there
/// are in all. Who does not see all members sees itself.
pub async fn list_members(
    caller: &Caller,
    reference: GroupRef<'_>,
    (limit, offset): (Option<i64>, i64),
    as_of: Option<Position>,
) -> Result<(Vec<GroupMember>, i64), Failure> {
    let services = caller.services();
    let past = match as_of {
        None => None,
        Some(until) => Some(past::of_group(services, reference, until).await?),
    };
    let pool = past.as_ref().map_or(services.pool(), |past| past.pool());
    let group = find_in(pool, caller, reference).await?.group;
    if past.is_some() {
        sees_now(caller, &group).await?;
    }
    if caller.subject().reads_groups_of(group.organization_id) {
        let mut members = group::members(pool, &[group.id], limit, offset).await?;
        let members = members.remove(&group.id).unwrap_or_default();
        return Ok((members, group.member_count));
    }
    let own = group::member(pool, &[group.id], caller.user_id()).await?;
    let members: Vec<_> = own.into_values().collect();
    let count = i64::from(!members.is_empty());
    Ok((if offset > 0 { Vec::new() } else { members }, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_whole_and_large_ones_share_the_room_that_is_left() {
        assert_eq!(fitting(&[], 100), None);
        assert_eq!(fitting(&[40, 60], 100), None);
        assert_eq!(fitting(&[10_000, 20, 10_000], 100), Some(40));
        assert_eq!(fitting(&[10_000; 25], 500), Some(20));
        assert_eq!(fitting(&[3; 200], 100), Some(0));
    }

    #[test]
    fn what_is_shown_never_exceeds_the_room_or_what_there_is() {
        let counts = [1, 30, 9_000, 200, 0];
        assert_eq!(MemberLimit::All.shown(&counts), 9_231);
        assert_eq!(MemberLimit::Each(50).shown(&counts), 131);
        assert_eq!(MemberLimit::Each(0).shown(&counts), 0);
        assert!(MemberLimit::Fitting.shown(&counts) <= FITTING);
    }
}
