use std::collections::HashMap;

use chancery_aggregates::group;
use chancery_aggregates::group::GroupId;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::{Status, UserId};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};

/// A group as it is shown, without its members (docs/contract/groups.md 2).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Group {
    /// Id; the organization's for the group of everyone.
    pub id: GroupId,
    /// What it is; its members are not told.
    #[sqlx(json)]
    pub state: group::Group,
    /// How many members it has.
    pub member_count: i64,
    /// The organization's name.
    pub organization_name: String,
    /// The organization's name for people; may be empty.
    pub organization_display_name: String,
}

/// A member of a group, as far as groups show users (docs/contract/groups.md 2).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct GroupMember {
    /// The group.
    pub group_id: GroupId,
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub username: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// When the user was recorded.
    pub created_at: DateTime<Utc>,
    /// When the user's last change was recorded.
    pub updated_at: DateTime<Utc>,
    /// When the user was last seen; `None` = never.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Whether the user may sign in.
    #[sqlx(try_from = "String")]
    pub status: Status,
    /// How the user signs in.
    #[sqlx(try_from = "String")]
    pub login_type: LoginType,
}

/// Who looks at groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The user, who sees the groups it is in.
    pub user_id: UserId,
    /// The organizations of which it sees every group; `None`: of all.
    pub organization_ids: Option<Vec<OrganizationId>>,
}

/// Which groups to list. All given fields must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Of this name, with regard to case.
    pub name: Option<String>,
    /// One of these.
    pub ids: Option<Vec<GroupId>>,
    /// This user is in them.
    pub has_member: Option<UserId>,
    /// What this reader may see; `None`: whatever there is.
    pub reader: Option<Reader>,
    /// At most so many; `None`: all.
    pub limit: Option<i64>,
    /// After so many.
    pub offset: i64,
}

impl GroupFilter {
    /// The group of this id.
    pub fn by_id(id: GroupId) -> Self {
        Self {
            ids: Some(vec![id]),
            ..Self::default()
        }
    }

    /// The group of this name in an organization.
    pub fn by_name(organization_id: OrganizationId, name: String) -> Self {
        Self {
            organization_id: Some(organization_id),
            name: Some(name),
            ..Self::default()
        }
    }
}

/// The groups that match, organization by organization, by name.
pub async fn list(pool: &PgPool, filter: &GroupFilter) -> Result<Vec<Group>, sqlx::Error> {
    let reader = filter.reader.as_ref();
    sqlx::query_as(include_str!("sql/list.sql"))
        .bind(filter.organization_id)
        .bind(filter.name.as_ref())
        .bind(filter.ids.as_ref())
        .bind(filter.has_member)
        .bind(reader.map(|reader| reader.user_id))
        .bind(reader.and_then(|reader| reader.organization_ids.as_ref()))
        .bind(filter.limit)
        .bind(filter.offset)
        // A plan for any parameters would use no index: those that are null are only known now.
        .persistent(false)
        .fetch_all(pool)
        .await
}

/// Of each of these groups, the members by user name, or `only` this one: at most `limit`, `None` for all, after `offset`. A
/// group without members is left out.
pub async fn members(
    pool: &PgPool,
    group_ids: &[GroupId],
    only: Option<UserId>,
    limit: Option<i64>,
    offset: i64,
) -> Result<HashMap<GroupId, Vec<GroupMember>>, sqlx::Error> {
    let mut members: HashMap<GroupId, Vec<GroupMember>> = HashMap::new();
    if group_ids.is_empty() || limit == Some(0) {
        return Ok(members);
    }
    let rows: Vec<GroupMember> = sqlx::query_as(include_str!("sql/members.sql"))
        .bind(group_ids)
        .bind(only)
        .bind(limit)
        .bind(offset)
        // A plan for any limit would prepare for all members.
        .persistent(false)
        .fetch_all(pool)
        .await?;
    for row in rows {
        members.entry(row.group_id).or_default().push(row);
    }
    Ok(members)
}

/// The groups of an organization whose streams may list a user: those he is in, and those he was not taken out of when
/// he left the organization. Without the group of everyone.
pub async fn ids_of_user(
    pool: &PgPool,
    organization_id: OrganizationId,
    user_id: UserId,
) -> Result<Vec<GroupId>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/ids_of_user.sql"))
        .bind(organization_id)
        .bind(user_id)
        .fetch_all(pool)
        .await
}

/// What a user may spend in an organization: the sum of the allowances of the groups that he is in, everyone's included
/// (quota contract, section 2).
pub async fn quota_budget(
    pool: &PgPool,
    organization_id: OrganizationId,
    user_id: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/quota_budget.sql"))
        .bind(organization_id)
        .bind(user_id)
        .fetch_one(pool)
        .await
}
