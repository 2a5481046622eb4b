//! Reading groups: in the tables of now or of a position.

use std::collections::{HashMap, HashSet};

use chancery_aggregates::group::GroupId;
use chancery_ledger::Position;
use chancery_projections::group::{self, Group, GroupFilter, GroupMember, Reader};
use chancery_projections::organization;
use chancery_projections::user::{self, UserFilter, Users};
use sqlx::PgPool;

use super::{MemberLimit, ShownGroup};
use crate::failure::{Failure, Refused};
use crate::past::{AS_OF, Past};
use crate::{Caller, Services};

/// The most members that one answer shows.
const MEMBERS_MAX: i64 = 100_000;

/// The most users and memberships whose past is looked at whole.
const PAST_MAX: i64 = 20_000;

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

/// The tables, as far as the groups matter that the caller asks for and sees.
struct Tables<'a> {
    caller: &'a Caller,
    filter: GroupFilter,
    past: Option<Past>,
}

impl<'a> Tables<'a> {
    async fn of(
        caller: &'a Caller,
        filter: GroupFilter,
        as_of: Option<Position>,
    ) -> Result<Self, Failure> {
        let past = match as_of {
            None => None,
            Some(until) => Some(past(caller.services(), &filter, until).await?),
        };
        let subject = caller.subject();
        let some = || subject.organizations_with_readable_groups();
        let reader = Reader {
            user_id: subject.user_id,
            organization_ids: (!subject.reads_every_group()).then(some),
        };
        Ok(Self {
            caller,
            filter: GroupFilter {
                reader: Some(reader),
                ..filter
            },
            past,
        })
    }

    fn pool(&self) -> &PgPool {
        let now = self.caller.services().pool();
        self.past.as_ref().map_or(now, Past::pool)
    }

    /// The groups. Who has left one sees its past no more.
    async fn groups(&self) -> Result<Vec<Group>, Failure> {
        let mut groups = group::list(self.pool(), &self.filter).await?;
        if self.past.is_some() {
            let now = GroupFilter {
                ids: Some(groups.iter().map(|group| group.id).collect()),
                reader: self.filter.reader.clone(),
                ..GroupFilter::default()
            };
            let now = group::list(self.caller.services().pool(), &now).await?;
            let now: HashSet<GroupId> = now.into_iter().map(|group| group.id).collect();
            groups.retain(|group| self.shows_all_of(group) || now.contains(&group.id));
        }
        Ok(groups)
    }

    /// The group, where one is asked for.
    async fn group(&self) -> Result<Group, Failure> {
        self.groups().await?.pop().ok_or(Failure::NotFound)
    }

    /// Whether the caller sees all members of a group; if not, it is one of them and sees itself.
    fn shows_all_of(&self, group: &Group) -> bool {
        let organization_id = group.state.organization_id;
        self.caller.subject().reads_groups_of(organization_id)
    }

    /// How many members each of these groups has, of those whose members the caller sees.
    fn counts(&self, groups: &[Group]) -> Vec<i64> {
        let whole = groups.iter().filter(|group| self.shows_all_of(group));
        whole.map(|group| group.member_count).collect()
    }

    /// Of each of these groups the members that the caller sees: at most `limit` after `offset`.
    async fn members(
        &self,
        groups: &[Group],
        limit: Option<i64>,
        offset: i64,
    ) -> Result<HashMap<GroupId, Vec<GroupMember>>, Failure> {
        let mut members = HashMap::new();
        for (all, only) in [(true, None), (false, Some(self.caller.user_id()))] {
            let shown = groups
                .iter()
                .filter(|group| self.shows_all_of(group) == all);
            let ids: Vec<GroupId> = shown.map(|group| group.id).collect();
            members.extend(group::members(self.pool(), &ids, only, limit, offset).await?);
        }
        Ok(members)
    }

    /// These groups with the members that the caller sees.
    async fn with_members(
        &self,
        groups: Vec<Group>,
        limit: MemberLimit,
    ) -> Result<Vec<ShownGroup>, Failure> {
        let limit = limit.of_each(&self.counts(&groups));
        let mut members = self.members(&groups, limit, 0).await?;
        let shown = groups.into_iter().map(|group| ShownGroup {
            members: members.remove(&group.id).unwrap_or_default(),
            group,
        });
        Ok(shown.collect())
    }
}

/// The tables of a position.
async fn past(services: &Services, filter: &GroupFilter, until: Position) -> Result<Past, Failure> {
    let reader = services.reader();
    let organization_id = match (filter.organization_id, filter.ids.as_deref()) {
        // No organization is the nil one, nor has it any groups.
        (None, Some([id])) => {
            let found = group::organization_of(&reader, *id, until).await?;
            Some(found.unwrap_or_default())
        }
        (organization_id, _) => organization_id,
    };
    if organization_id.is_none() {
        check_size(services).await?;
    }
    let events = group::history(&reader, organization_id, until).await?;
    Past::new(services, &[&organization::Organizations, &Users], events).await
}

async fn check_size(services: &Services) -> Result<(), Failure> {
    let pool = services.pool();
    let memberships = organization::count_memberships(pool).await?;
    let users = user::count(pool, &UserFilter::default()).await?;
    if users + memberships <= PAST_MAX {
        return Ok(());
    }
    let detail = format!(
        "Query param \"as_of\" needs \"organization\" where there are more than {PAST_MAX} users and memberships"
    );
    Err(Refused::invalid(AS_OF, detail).into())
}
