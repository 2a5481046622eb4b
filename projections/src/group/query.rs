use std::collections::HashMap;

use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::Status;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A group, without its members (docs/contract/groups.md 2).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Group {
    /// Id; the organization's for the group of everyone.
    pub id: Uuid,
    /// The organization.
    pub organization_id: Uuid,
    /// Unique in the organization.
    pub name: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// URL or path of an image; may be empty.
    pub avatar_url: String,
    /// Credits that each member may spend.
    pub quota_allowance: i32,
    /// `user` or `oidc`.
    pub source: String,
    /// How many members it has.
    pub member_count: i64,
    /// The organization's name.
    pub organization_name: String,
    /// The organization's name for people; may be empty.
    pub organization_display_name: String,
}

impl Group {
    /// Whether it is the group of everyone in its organization.
    pub fn is_everyone(&self) -> bool {
        self.id == self.organization_id
    }
}

/// A member of a group, as far as groups show users (docs/contract/groups.md 2).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct GroupMember {
    /// The group.
    pub group_id: Uuid,
    /// The user's id.
    pub id: Uuid,
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

/// How a group is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupRef<'a> {
    /// By id.
    Id(Uuid),
    /// By name in an organization, with regard to case.
    Name(Uuid, &'a str),
}

/// What a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every group.
    All,
    /// Every group of these organizations, and the groups that a user is in.
    Of {
        /// The organizations.
        organization_ids: Vec<Uuid>,
        /// The user.
        user_id: Uuid,
    },
}

/// Which groups to list. All given fields must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFilter {
    /// What the reader may see.
    pub visible: Visible,
    /// Of this organization.
    pub organization_id: Option<Uuid>,
    /// This user is in them.
    pub has_member: Option<Uuid>,
    /// One of these.
    pub group_ids: Option<Vec<Uuid>>,
    /// At most so many; `None`: all.
    pub limit: Option<i64>,
    /// After so many.
    pub offset: i64,
}

/// Finds a group.
pub async fn find(pool: &PgPool, group: GroupRef<'_>) -> Result<Option<Group>, sqlx::Error> {
    let query = match group {
        GroupRef::Id(id) => sqlx::query_as(include_str!("sql/find_by_id.sql")).bind(id),
        GroupRef::Name(organization_id, name) => {
            sqlx::query_as(include_str!("sql/find_by_name.sql"))
                .bind(organization_id)
                .bind(name)
        }
    };
    query.fetch_optional(pool).await
}

/// The groups that match, organization by organization, by name.
pub async fn list(pool: &PgPool, filter: &GroupFilter) -> Result<Vec<Group>, sqlx::Error> {
    let (organization_ids, user_id) = match &filter.visible {
        Visible::All => (None, None),
        Visible::Of {
            organization_ids,
            user_id,
        } => (Some(organization_ids), Some(user_id)),
    };
    sqlx::query_as(include_str!("sql/list.sql"))
        .bind(filter.organization_id)
        .bind(filter.has_member)
        .bind(filter.group_ids.as_ref())
        .bind(organization_ids)
        .bind(user_id)
        .bind(filter.limit)
        .bind(filter.offset)
        // A plan for any parameters would use no index: those that are null are only known now.
        .persistent(false)
        .fetch_all(pool)
        .await
}

/// Of each of these groups, the members by user name: at most `limit`, `None` for all, after `offset`. A group without
/// members is left out.
pub async fn members(
    pool: &PgPool,
    group_ids: &[Uuid],
    limit: Option<i64>,
    offset: i64,
) -> Result<HashMap<Uuid, Vec<GroupMember>>, sqlx::Error> {
    let rows: Vec<GroupMember> = sqlx::query_as(include_str!("sql/members.sql"))
        .bind(group_ids)
        .bind(limit)
        .bind(offset)
        // A plan for any limit would prepare for all members.
        .persistent(false)
        .fetch_all(pool)
        .await?;
    let mut members: HashMap<Uuid, Vec<GroupMember>> = HashMap::new();
    for row in rows {
        members.entry(row.group_id).or_default().push(row);
    }
    Ok(members)
}

/// A user as a member of those of these groups that he is in.
pub async fn member(
    pool: &PgPool,
    group_ids: &[Uuid],
    user_id: Uuid,
) -> Result<HashMap<Uuid, GroupMember>, sqlx::Error> {
    let rows: Vec<GroupMember> = sqlx::query_as(include_str!("sql/member.sql"))
        .bind(group_ids)
        .bind(user_id)
        .fetch_all(pool)
        .await?;
    Ok(rows.into_iter().map(|row| (row.group_id, row)).collect())
}

/// The groups of an organization whose streams may list a user: those he is in, and those he was not taken out of when
/// he left the organization. Without the group of everyone.
pub async fn ids_of_user(
    pool: &PgPool,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<Vec<Uuid>, sqlx::Error> {
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
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/quota_budget.sql"))
        .bind(organization_id)
        .bind(user_id)
        .fetch_one(pool)
        .await
}
