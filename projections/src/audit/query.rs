use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Row};
use uuid::Uuid;

use super::{AuditFilter, AuditPage, diff};
use crate::user::{self, User};

/// An entry of the audit trail (core.md 7.1).
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Position of the event in the ledger.
    pub position: i64,
    /// Id.
    pub id: Uuid,
    /// When it was recorded.
    pub time: DateTime<Utc>,
    /// The request that led to it.
    pub request_id: Option<Uuid>,
    /// What acted: `user`, `oauth2_app`, `system`, ...
    pub actor_kind: Option<String>,
    /// Id of the actor.
    pub actor_id: Option<String>,
    /// Name of the actor at that time.
    pub actor_name: Option<String>,
    /// For whom the actor acted.
    pub on_behalf_of: Option<String>,
    /// Address of the client; empty when unknown.
    pub ip: String,
    /// User agent of the client; empty when unknown.
    pub user_agent: String,
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource's stream, or of the secret.
    pub resource_key: String,
    /// Id of the resource.
    pub resource_id: Uuid,
    /// Name of the resource at that time; may be empty.
    pub resource_target: String,
    /// Icon of the resource at that time; may be empty.
    pub resource_icon: String,
    /// `create`, `write`, `delete`, `login` or `logout`.
    pub action: String,
    /// HTTP status of the attempt.
    pub status_code: i32,
    /// `{"<field>": {"old", "new", "secret"}}`.
    pub diff: Value,
    /// A JSON object.
    pub additional_fields: Value,
    /// Whether the resource is deleted by now.
    pub is_deleted: bool,
    /// The organization; `None` when site-wide.
    pub organization: Option<OrganizationSummary>,
    /// The user who acted, signed in, or gave the grant that an app used.
    pub user: Option<User>,
}

/// The organization of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSummary {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Icon; may be empty.
    pub icon: String,
}

/// Entries that match, newest first.
pub async fn list(
    pool: &PgPool,
    filter: &AuditFilter,
    page: AuditPage,
) -> Result<Vec<AuditEntry>, sqlx::Error> {
    let query = bind(sqlx::query(include_str!("sql/list.sql")), filter);
    let rows = query
        .bind(page.after_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(pool)
        .await?;
    rows.iter().map(from_row).collect()
}

/// How many entries match.
pub async fn count(pool: &PgPool, filter: &AuditFilter) -> Result<i64, sqlx::Error> {
    bind(sqlx::query(include_str!("sql/count.sql")), filter)
        .fetch_one(pool)
        .await?
        .try_get(0)
}

/// Binds `$1` to `$12`. Planned anew each time: which index serves depends on which parameters are null.
fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    filter: &'q AuditFilter,
) -> Query<'q, Postgres, PgArguments> {
    query
        .persistent(false)
        .bind(&filter.resource_type)
        .bind(filter.resource_id)
        .bind(&filter.resource_target)
        .bind(filter.user_id)
        .bind(&filter.username)
        .bind(&filter.email)
        .bind(filter.date_from)
        .bind(filter.date_to)
        .bind(filter.organization_id)
        .bind(&filter.action)
        .bind(filter.request_id)
        .bind(&filter.organizations)
}

fn from_row(row: &PgRow) -> Result<AuditEntry, sqlx::Error> {
    let organization = row
        .try_get::<Option<Uuid>, _>("organization_id")?
        .map(|id| {
            Ok::<_, sqlx::Error>(OrganizationSummary {
                id,
                name: row.try_get("organization_name")?,
                display_name: row.try_get("organization_display_name")?,
                icon: row.try_get("organization_icon")?,
            })
        })
        .transpose()?;
    Ok(AuditEntry {
        position: row.try_get("position")?,
        id: row.try_get("id")?,
        time: row.try_get("time")?,
        request_id: row.try_get("request_id")?,
        actor_kind: row.try_get("actor_kind")?,
        actor_id: row.try_get("actor_id")?,
        actor_name: row.try_get("actor_name")?,
        on_behalf_of: row.try_get("on_behalf_of")?,
        ip: row.try_get("ip")?,
        user_agent: row.try_get("user_agent")?,
        resource_type: row.try_get("resource_type")?,
        resource_key: row.try_get("resource_key")?,
        resource_id: row.try_get("resource_id")?,
        resource_target: row.try_get("resource_target")?,
        resource_icon: row.try_get("resource_icon")?,
        action: row.try_get("action")?,
        status_code: row.try_get("status_code")?,
        diff: diff::shown(row.try_get("diff")?),
        additional_fields: row.try_get("additional_fields")?,
        is_deleted: row.try_get("is_deleted")?,
        organization,
        user: user::optional_from_prefixed_row(row)?,
    })
}
