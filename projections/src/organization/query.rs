use std::collections::{HashMap, HashSet};

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{FromRow, PgPool};

/// A member of an organization, with what lists show of the user.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Member {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The user.
    pub user_id: UserId,
    /// Roles within the organization, without the implicit member role.
    pub roles: Vec<String>,
    /// When the membership was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
    /// The user's name.
    pub username: String,
    /// The user's e-mail address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The user's site roles, without the implicit member role.
    pub site_roles: Vec<String>,
}

/// What a user is in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Roles within the organization, without the implicit member role.
    pub roles: Vec<String>,
}

/// How many members an organization has; none where there is no such organization.
pub async fn member_count(
    pool: &PgPool,
    organization_id: OrganizationId,
) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar(include_str!("sql/member_count.sql"))
        .bind(organization_id)
        .fetch_optional(pool)
        .await?;
    Ok(count.unwrap_or_default())
}

/// How many memberships there are in all organizations.
pub async fn count_memberships(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/count_memberships.sql"))
        .fetch_one(pool)
        .await
}

/// A part of an organization's members, in order of joining; `limit` `None`: all from `offset` on. How many there are
/// in all: [`member_count`].
pub async fn list_members(
    pool: &PgPool,
    organization_id: OrganizationId,
    limit: Option<i64>,
    offset: i64,
) -> Result<Vec<Member>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list_members.sql"))
        .bind(organization_id)
        .bind(limit)
        .bind(offset)
        // A plan for any limit would prepare for all members.
        .persistent(false)
        .fetch_all(pool)
        .await
}

/// A member of an organization.
pub async fn find_member(
    pool: &PgPool,
    organization_id: OrganizationId,
    user_id: UserId,
) -> Result<Option<Member>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/find_member.sql"))
        .bind(organization_id)
        .bind(user_id)
        .fetch_optional(pool)
        .await
}

/// Which of these users are members of an organization.
pub async fn find_member_ids(
    pool: &PgPool,
    organization_id: OrganizationId,
    user_ids: &[UserId],
) -> Result<HashSet<UserId>, sqlx::Error> {
    let found: Vec<UserId> = sqlx::query_scalar(include_str!("sql/find_member_ids.sql"))
        .bind(organization_id)
        .bind(user_ids)
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().collect())
}

/// The ids of an organization's members of these user names, by name in lower case; names without a member are left out.
pub async fn find_member_names(
    pool: &PgPool,
    organization_id: OrganizationId,
    usernames: &[String],
) -> Result<HashMap<String, UserId>, sqlx::Error> {
    let lower: Vec<String> = usernames.iter().map(|name| name.to_lowercase()).collect();
    let found: Vec<(String, UserId)> = sqlx::query_as(include_str!("sql/find_member_names.sql"))
        .bind(organization_id)
        .bind(lower)
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().collect())
}
