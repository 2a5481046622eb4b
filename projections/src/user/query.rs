use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A user, with what docs/contract/core.md 4's JSON shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: Uuid,
    /// Unique without regard to case.
    pub username: String,
    /// Unique without regard to case.
    pub email: String,
    /// Name for people; may be empty.
    pub name: String,
    /// `password`, `github`, `oidc`, `token` or `none`.
    pub login_type: String,
    /// `active`, `dormant` or `suspended`.
    pub status: String,
    /// Site roles, without the implicit `member`.
    pub roles: Vec<String>,
    /// The organizations that the user belongs to, in order of joining.
    pub organization_ids: Vec<Uuid>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    pub updated_at: DateTime<Utc>,
    /// Last use of one of the user's API keys, at most an hour stale; `None` when there was none. Not filled in for the user of an
    /// audit entry.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// How a user is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRef<'a> {
    /// By id.
    Id(Uuid),
    /// By user name, without regard to case.
    Username(&'a str),
    /// By e-mail address, without regard to case.
    Email(&'a str),
}

/// Finds a user.
pub async fn find(pool: &PgPool, user: UserRef<'_>) -> Result<Option<User>, sqlx::Error> {
    let row = match user {
        UserRef::Id(id) => {
            sqlx::query(include_str!("sql/find_by_id.sql"))
                .bind(id)
                .fetch_optional(pool)
                .await?
        }
        UserRef::Username(name) => {
            sqlx::query(include_str!("sql/find_by_username.sql"))
                .bind(name)
                .fetch_optional(pool)
                .await?
        }
        UserRef::Email(email) => {
            sqlx::query(include_str!("sql/find_by_email.sql"))
                .bind(email)
                .fetch_optional(pool)
                .await?
        }
    };
    row.as_ref().map(from_listed_row).transpose()
}

/// The user's own quiet hours schedule, empty when it has none; `None` when there is no such user.
pub async fn quiet_hours_schedule(pool: &PgPool, id: Uuid) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/quiet_hours_schedule.sql"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The user's roles in each of its organizations, in order of joining, without the implicit member role.
pub async fn organization_roles(
    pool: &PgPool,
    id: Uuid,
) -> Result<Vec<(Uuid, Vec<String>)>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/organization_roles.sql"))
        .bind(id)
        .fetch_all(pool)
        .await
}

/// Reads the columns `user_*` of a row, with the time when it was last seen.
pub(super) fn from_listed_row(row: &PgRow) -> Result<User, sqlx::Error> {
    Ok(User {
        last_seen_at: row.try_get("user_last_seen_at")?,
        ..from_prefixed_row(row)?
    })
}

/// Reads the columns `user_*` of a row.
pub(crate) fn from_prefixed_row(row: &PgRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.try_get("user_id")?,
        username: row.try_get("user_username")?,
        email: row.try_get("user_email")?,
        name: row.try_get("user_name")?,
        login_type: row.try_get("user_login_type")?,
        status: row.try_get("user_status")?,
        roles: row.try_get("user_roles")?,
        organization_ids: row.try_get("user_organization_ids")?,
        created_at: row.try_get("user_created_at")?,
        updated_at: row.try_get("user_updated_at")?,
        last_seen_at: None,
    })
}
