//! A page of entries, made of its events, the states before and after them, and what read models know of whom and what
//! they name. Each is read once for the whole page.

use std::collections::{HashMap, HashSet};

use chancery_aggregates::audit::{Action, Entry};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_ledger::{EventMetadata, LedgerReader, ReadError, RecordedEvent};
use serde_json::{Map, Value};
use sqlx::PgPool;
use uuid::Uuid;

use super::names::{self, Name};
use super::projection::{user_id, uuid};
use super::query::{AuditEntry, OrganizationSummary};
use super::views::{self, Views};
use super::{entry_id, noun};
use crate::difference::tracked::{self, Moment};
use crate::user::User;

/// An event that leaves an entry.
pub(super) struct Item {
    pub(super) event: RecordedEvent,
    pub(super) entry: Entry,
    pub(super) action: Action,
}

/// The events of a page, newest first.
pub(super) struct Page(Vec<Item>);

/// What the entries of a page name.
struct Known {
    names: HashMap<(names::Named, i64), Name>,
    users: HashMap<UserId, User>,
    organizations: HashMap<OrganizationId, OrganizationSummary>,
    /// Streams that their last event ended.
    ended: HashSet<(String, String)>,
    /// Of resources that may end unseen, those that live: type and name.
    live: HashSet<(String, String)>,
}

impl Page {
    /// Reads the events at these positions.
    pub(super) async fn read(reader: &LedgerReader, positions: &[i64]) -> Result<Self, ReadError> {
        let mut items = Vec::with_capacity(positions.len());
        for event in reader.read_at(positions).await?.into_iter().rev() {
            if let Some(entry) = noun::read(&event)?
                && let Some(action) = entry.action
            {
                items.push(Item {
                    event,
                    entry,
                    action,
                });
            }
        }
        Ok(Self(items))
    }

    /// The entries.
    pub(super) async fn show(
        &self,
        pool: &PgPool,
        reader: &LedgerReader,
    ) -> Result<Vec<AuditEntry>, ReadError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let (known, views) = tokio::try_join!(
            self.look_up(pool, reader),
            views::around(&self.0, pool, reader)
        )?;
        let entries = self.0.iter().map(|item| show(item, &known, &views));
        Ok(entries.collect())
    }

    async fn look_up(&self, pool: &PgPool, reader: &LedgerReader) -> Result<Known, ReadError> {
        let items = || self.0.iter();
        let wanted: Vec<_> = items()
            .filter_map(|item| Some((names::looked_up(&item.entry)?, item.event.position.0)))
            .collect();
        let user_ids: HashSet<UserId> = items()
            .filter_map(|item| user_id(&item.event, &item.entry))
            .collect();
        let organization_ids: HashSet<OrganizationId> = items()
            .filter_map(|item| item.entry.organization_id)
            .collect();
        let (unseen, seen): (Vec<&Item>, Vec<&Item>) =
            items().partition(|item| item.entry.resource.ends_unseen);
        let streams: HashSet<(&str, &str)> = seen.into_iter().map(Item::stream).collect();
        let streams: Vec<_> = streams.into_iter().collect();
        let (names, users, organizations, live, last) = tokio::try_join!(
            async { Ok(names::at(&wanted, pool).await?) },
            users(pool, user_ids),
            organizations(pool, organization_ids),
            live(pool, &unseen),
            reader.read_last(&streams),
        )?;
        let mut ended = HashSet::new();
        for event in last {
            if noun::ends(&event)? {
                ended.insert((event.aggregate_type, event.aggregate_id));
            }
        }
        Ok(Known {
            names,
            users,
            organizations,
            ended,
            live,
        })
    }
}

impl Item {
    pub(super) fn stream(&self) -> (&str, &str) {
        (&self.event.aggregate_type, &self.event.aggregate_id)
    }
}

fn show(item: &Item, known: &Known, views: &Views) -> AuditEntry {
    let Item {
        event,
        entry,
        action,
    } = item;
    let position = event.position.0;
    let found = names::looked_up(entry).and_then(|named| known.names.get(&(named, position)));
    let name = names::shown(entry, found);
    let diff = if entry.refusal.is_some() {
        tracked::nothing()
    } else {
        let [old, new] = views.around(position).map(|view| Moment {
            view,
            title: &name.name,
        });
        tracked::of(entry.resource.fields, old, new, entry.listed.as_ref())
    };
    let metadata = &event.metadata;
    AuditEntry {
        position,
        id: entry_id::of(event),
        time: event.recorded_at,
        request_id: uuid(metadata.request_id.as_deref()),
        http_route: metadata.http_route.clone(),
        actor_kind: metadata.actor_kind.clone(),
        actor_id: metadata.actor_id.clone(),
        actor_name: metadata.actor_name.clone(),
        on_behalf_of: metadata.on_behalf_of.clone(),
        ip: metadata.client_address.clone().unwrap_or_default(),
        user_agent: metadata.user_agent.clone().unwrap_or_default(),
        resource_type: entry.resource.name,
        resource_id: entry.id,
        resource_target: name.name,
        resource_icon: name.icon,
        action: action.into(),
        refusal: entry.refusal,
        diff,
        additional_fields: additional_fields(entry, metadata),
        is_deleted: is_deleted(item, known),
        organization: entry
            .organization_id
            .and_then(|id| known.organizations.get(&id).cloned()),
        user: user_id(event, entry).and_then(|id| known.users.get(&id).cloned()),
    }
}

/// What else is known: also which part of the program acted, where nobody did (docs/contract/scim.md 3).
fn additional_fields(entry: &Entry, metadata: &EventMetadata) -> Map<String, Value> {
    let mut fields = entry.details.clone();
    if metadata.actor_kind.as_deref() == Some("scim") {
        fields.insert("automatic_actor".to_owned(), "chancery".into());
        fields.insert("automatic_subsystem".to_owned(), "scim".into());
    }
    fields
}

/// Whether the resource is gone by now, also with something that it belonged to.
fn is_deleted(item: &Item, known: &Known) -> bool {
    let entry = &item.entry;
    if entry.resource.ends_unseen {
        let is_live = |name: String| known.live.contains(&(entry.resource.name.to_owned(), name));
        return !is_live(item.event.aggregate_id.clone()) && !is_live(entry.id.to_string());
    }
    let (kind, id) = item.stream();
    let organization_is_gone = entry
        .organization_id
        .is_some_and(|id| !known.organizations.contains_key(&id));
    organization_is_gone || known.ended.contains(&(kind.to_owned(), id.to_owned()))
}

async fn users(pool: &PgPool, ids: HashSet<UserId>) -> Result<HashMap<UserId, User>, ReadError> {
    let found: Vec<User> = sqlx::query_as(include_str!("sql/find_users.sql"))
        .bind(Vec::from_iter(ids))
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().map(|user| (user.id, user)).collect())
}

async fn organizations(
    pool: &PgPool,
    ids: HashSet<OrganizationId>,
) -> Result<HashMap<OrganizationId, OrganizationSummary>, ReadError> {
    let found: Vec<OrganizationSummary> =
        sqlx::query_as(include_str!("sql/find_organizations.sql"))
            .bind(Vec::from_iter(ids))
            .fetch_all(pool)
            .await?;
    Ok(found.into_iter().map(|found| (found.id, found)).collect())
}

/// Of resources that may end without an event of their own, those that live.
async fn live(pool: &PgPool, items: &[&Item]) -> Result<HashSet<(String, String)>, ReadError> {
    if items.is_empty() {
        return Ok(HashSet::new());
    }
    let streams: Vec<&str> = items.iter().map(|item| item.stream().1).collect();
    let ids: Vec<Uuid> = items.iter().map(|item| item.entry.id).collect();
    let found: Vec<(String, String)> = sqlx::query_as(include_str!("sql/find_live.sql"))
        .bind(streams)
        .bind(ids)
        .fetch_all(pool)
        .await?;
    Ok(found.into_iter().collect())
}
