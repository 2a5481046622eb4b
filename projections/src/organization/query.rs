use std::collections::{HashMap, HashSet};

use chancery_aggregates::organization::Profile;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// An organization (docs/contract/core.md 5).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Organization {
    /// Id.
    pub id: Uuid,
    /// How it presents itself; the name is unique without regard to case.
    #[sqlx(json)]
    pub profile: Profile,
    /// Whether it is the deployment's first organization.
    pub is_default: bool,
    /// How many members it has.
    pub member_count: i64,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
}

/// A member of an organization, with what lists show of the user.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Member {
    /// The organization.
    pub organization_id: Uuid,
    /// The user.
    pub user_id: Uuid,
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
    pub organization_id: Uuid,
    /// Roles within the organization, without the implicit member role.
    pub roles: Vec<String>,
}

/// How an organization is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationRef<'a> {
    /// By id.
    Id(Uuid),
    /// By name, without regard to case.
    Name(&'a str),
    /// The deployment's first one.
    Default,
}

/// Finds an organization.
pub async fn find(
    pool: &PgPool,
    organization: OrganizationRef<'_>,
) -> Result<Option<Organization>, sqlx::Error> {
    let query = match organization {
        OrganizationRef::Id(id) => sqlx::query_as(include_str!("sql/find_by_id.sql")).bind(id),
        OrganizationRef::Name(name) => {
            sqlx::query_as(include_str!("sql/find_by_name.sql")).bind(name)
        }
        OrganizationRef::Default => sqlx::query_as(include_str!("sql/find_default.sql")),
    };
    query.fetch_optional(pool).await
}

/// All organizations, by name.
pub async fn list(pool: &PgPool) -> Result<Vec<Organization>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list.sql"))
        .fetch_all(pool)
        .await
}

/// The organizations that a user belongs to, by name.
pub async fn list_of_member(
    pool: &PgPool,
    user_id: Uuid,
) -> Result<Vec<Organization>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/list_of_member.sql"))
        .bind(user_id)
        .fetch_all(pool)
        .await
}

/// A part of an organization's members, in order of joining; `limit` `None`: all from `offset` on. How many there are
/// in all: [`Organization::member_count`].
pub async fn list_members(
    pool: &PgPool,
    organization_id: Uuid,
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
    organization_id: Uuid,
    user_id: Uuid,
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
    organization_id: Uuid,
    user_ids: &[Uuid],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let found: Vec<Uuid> = sqlx::query_scalar(include_str!("sql/find_member_ids.sql"))
        .bind(organization_id)
        .bind(user_ids)
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().collect())
}

/// The ids of an organization's members of these user names, by name in lower case; names without a member are left out.
pub async fn find_member_names(
    pool: &PgPool,
    organization_id: Uuid,
    usernames: &[String],
) -> Result<HashMap<String, Uuid>, sqlx::Error> {
    let lower: Vec<String> = usernames.iter().map(|name| name.to_lowercase()).collect();
    let found: Vec<(String, Uuid)> = sqlx::query_as(include_str!("sql/find_member_names.sql"))
        .bind(organization_id)
        .bind(lower)
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().collect())
}
