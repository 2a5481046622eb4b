use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::{Status, UserId};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};

/// A user, with what docs/contract/core.md 4's JSON shows. Read from the columns `user_*` of a row.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct User {
    /// Id.
    #[sqlx(rename = "user_id")]
    pub id: UserId,
    /// Unique without regard to case.
    #[sqlx(rename = "user_username")]
    pub username: String,
    /// Unique without regard to case.
    #[sqlx(rename = "user_email")]
    pub email: String,
    /// Name for people; may be empty.
    #[sqlx(rename = "user_name")]
    pub name: String,
    /// How the user signs in.
    #[sqlx(rename = "user_login_type", try_from = "String")]
    pub login_type: LoginType,
    /// Whether the user may sign in.
    #[sqlx(rename = "user_status", try_from = "String")]
    pub status: Status,
    /// Site roles, without the implicit `member`.
    #[sqlx(rename = "user_roles")]
    pub roles: Vec<String>,
    /// The organizations that the user belongs to, in order of joining.
    #[sqlx(rename = "user_organization_ids")]
    pub organization_ids: Vec<OrganizationId>,
    /// When it was recorded.
    #[sqlx(rename = "user_created_at")]
    pub created_at: DateTime<Utc>,
    /// When its last change was recorded.
    #[sqlx(rename = "user_updated_at")]
    pub updated_at: DateTime<Utc>,
    /// Last use of one of the user's API keys, at most an hour stale; `None` when there was none. Not filled in for the user of a
    /// credential or of an audit entry.
    #[sqlx(default, rename = "user_last_seen_at")]
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// How a user is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserRef<'a> {
    /// By id.
    Id(UserId),
    /// By user name, without regard to case.
    Username(&'a str),
    /// By e-mail address, without regard to case.
    Email(&'a str),
}

/// Finds a user.
pub async fn find(pool: &PgPool, user: UserRef<'_>) -> Result<Option<User>, sqlx::Error> {
    let query = match user {
        UserRef::Id(id) => sqlx::query_as(include_str!("sql/find_by_id.sql")).bind(id),
        UserRef::Username(name) => {
            sqlx::query_as(include_str!("sql/find_by_username.sql")).bind(name)
        }
        UserRef::Email(email) => sqlx::query_as(include_str!("sql/find_by_email.sql")).bind(email),
    };
    query.fetch_optional(pool).await
}

/// When a user was last seen; `None`: never.
pub async fn last_seen(pool: &PgPool, id: UserId) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/last_seen.sql"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The user's own quiet hours schedule, empty when it has none; `None` when there is no such user.
pub async fn quiet_hours_schedule(
    pool: &PgPool,
    id: UserId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/quiet_hours_schedule.sql"))
        .bind(id)
        .fetch_optional(pool)
        .await
}

/// The user's roles in each of its organizations, in order of joining, without the implicit member role.
pub async fn organization_roles(
    pool: &PgPool,
    id: UserId,
) -> Result<Vec<(OrganizationId, Vec<String>)>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/organization_roles.sql"))
        .bind(id)
        .fetch_all(pool)
        .await
}
