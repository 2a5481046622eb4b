use chancery_aggregates::audit::Refusal;
use chancery_aggregates::organization::OrganizationId;
use chancery_ledger::{LedgerReader, ReadError};
use chancery_noun::Id;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::page::Page;
use super::search::{self, Search};
use super::{AuditFilter, AuditPage};
use crate::user::User;

/// Entries are counted up to so many: counting more takes as long as they are many.
pub const COUNTED: i64 = 2000;

/// An entry's id.
pub type AuditEntryId = Id<AuditEntry>;

/// An entry of the audit trail (docs/contract/core.md 7.1).
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Position of the event in the ledger.
    pub position: i64,
    /// Id.
    pub id: AuditEntryId,
    /// When it was recorded.
    pub time: DateTime<Utc>,
    /// The request that led to it.
    pub request_id: Option<Uuid>,
    /// The route of that request.
    pub http_route: Option<String>,
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
    pub resource_type: &'static str,
    /// Id of the resource.
    pub resource_id: Uuid,
    /// Name of the resource at that time; may be empty.
    pub resource_target: String,
    /// Icon of the resource at that time; may be empty.
    pub resource_icon: String,
    /// `create`, `write`, `delete`, `login` or `logout`.
    pub action: &'static str,
    /// Why the attempt was refused; `None`: it was not.
    pub refusal: Option<Refusal>,
    /// `{"<field>": {"old", "new", "secret"}}`.
    pub diff: Value,
    /// What else is known.
    pub additional_fields: Map<String, Value>,
    /// Whether the resource is deleted by now.
    pub is_deleted: bool,
    /// The organization; `None` when site-wide.
    pub organization: Option<OrganizationSummary>,
    /// The user who acted, signed in, or gave the grant that an app used.
    pub user: Option<User>,
}

/// The organization of an entry.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OrganizationSummary {
    /// Id.
    pub id: OrganizationId,
    /// Name.
    pub name: String,
    /// Name for people; may be empty.
    pub display_name: String,
    /// Icon; may be empty.
    pub icon: String,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntries {
    /// The entries, newest first.
    pub entries: Vec<AuditEntry>,
    /// How many match, on whatever page; of more than [`COUNTED`] only that they are so many, or as many as this page reaches.
    pub count: i64,
}

/// Entries that match, newest first.
pub async fn list(
    pool: &PgPool,
    reader: &LedgerReader,
    filter: &AuditFilter,
    page: AuditPage,
) -> Result<AuditEntries, ReadError> {
    let none = AuditEntries {
        entries: Vec::new(),
        count: 0,
    };
    let reach = page.offset.saturating_add(page.limit);
    let Some(search) = Search::new(pool, filter).await? else {
        return Ok(none);
    };
    let (found, count) = match page.after_id {
        None => {
            let found = search.positions(pool, i64::MAX, COUNTED.max(reach)).await?;
            let count = found.len();
            (found, count)
        }
        Some(id) => {
            let place = search::place(reader, filter, id).await?;
            let found = async {
                match place {
                    Some(place) => search.positions(pool, place, reach).await,
                    None => Ok(Vec::new()),
                }
            };
            let all = search.positions(pool, i64::MAX, COUNTED);
            let (found, all) = tokio::try_join!(found, all)?;
            (found, all.len())
        }
    };
    let size = |number: i64| usize::try_from(number).unwrap_or_default();
    let shown: Vec<i64> = found
        .into_iter()
        .skip(size(page.offset))
        .take(size(page.limit))
        .collect();
    let entries = Page::read(reader, &shown).await?.show(pool, reader).await?;
    Ok(AuditEntries {
        entries,
        count: i64::try_from(count).unwrap_or(i64::MAX),
    })
}
