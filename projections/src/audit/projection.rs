use std::collections::BTreeSet;
use std::sync::Arc;

use chancery_ledger::RecordedEvent;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::{Builder, Uuid};

use super::describe::{self, Attempt, Change, Description, Event, Named};
use super::diff::diff;
use super::listed;
use super::resources::{Resource, Resources};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of the audit trail.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

impl Projection for Audit {
    fn name(&self) -> ProjectionName {
        ProjectionName::AUDIT
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn indexes(&self) -> &'static str {
        include_str!("indexes.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        describe::AGGREGATE_TYPES
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        apply(events, connection).boxed()
    }
}

/// A row of `audit_entries`.
struct Entry {
    position: i64,
    id: Uuid,
    time: DateTime<Utc>,
    request_id: Option<Uuid>,
    actor_kind: Option<String>,
    actor_id: Option<String>,
    actor_name: Option<String>,
    on_behalf_of: Option<String>,
    user_id: Option<Uuid>,
    ip: String,
    user_agent: String,
    resource_type: &'static str,
    resource_key: String,
    resource_id: Uuid,
    resource_target: String,
    resource_icon: String,
    action: &'static str,
    status_code: i32,
    diff: Value,
    additional_fields: Value,
    organization_id: Option<Uuid>,
}

async fn apply(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let mut descriptions = Vec::with_capacity(events.len());
    let mut needed = BTreeSet::new();
    for event in events {
        let description = Event::decode(event)?.describe(event)?;
        if !matches!(description.change, Change::Created(_)) {
            needed.insert((
                description.resource_type.name,
                description.resource_key.clone(),
            ));
        }
        if let Named::After(reference) = &description.named {
            needed.insert(reference.clone());
        }
        descriptions.push((event, description));
    }
    let mut resources = if needed.is_empty() {
        Resources::default()
    } else {
        Resources::read(needed, connection).await?
    };
    let entries: Vec<Entry> = descriptions
        .into_iter()
        .filter_map(|(event, description)| enter(event, description, &mut resources))
        .collect();
    resources.write(connection).await?;
    insert(entries, connection).await?;
    Ok(())
}

/// Changes the resource's state, and makes the entry.
fn enter(
    event: &RecordedEvent,
    description: Description,
    resources: &mut Resources,
) -> Option<Entry> {
    let kind = description.resource_type;
    let before = resources
        .get(kind.name, &description.resource_key)
        .cloned()
        .unwrap_or_default();
    let (target, icon) = match description.named {
        Named::Event(target, icon) => (target, icon),
        Named::Before => (before.target.clone(), before.icon.clone()),
        Named::After((other, key)) => match resources.get(other, &key) {
            Some(named) => (named.target.clone(), named.icon.clone()),
            None => (key, String::new()),
        },
    };
    let mut shown = None;
    let (fields, deleted) = match description.change {
        Change::Created(fields) => (Some(fields), false),
        Change::Written(written) => {
            let mut fields = before.fields.clone();
            fields.extend(written);
            (Some(fields), before.deleted)
        }
        Change::Listed {
            field,
            added,
            removed,
        } => {
            let mut fields = before.fields.clone();
            shown = listed::change(&mut fields, field, &added, &removed);
            (Some(fields), before.deleted)
        }
        Change::Deleted => (Some(Map::new()), true),
        Change::Refused => (None, before.deleted),
    };
    let fields = fields.map(|mut fields| {
        // A membership's field `username` is the name it goes by.
        if kind.name == "organization_member" && !deleted {
            fields.insert("username".to_owned(), Value::String(target.clone()));
        }
        fields
    });
    let difference = match (shown, &fields) {
        (Some(shown), _) => shown,
        (None, Some(fields)) => diff(kind.fields, &before.fields, fields),
        (None, None) => Value::Object(Map::new()),
    };
    if let Some(fields) = fields {
        let after = Resource {
            target: target.clone(),
            icon: icon.clone(),
            fields,
            deleted,
        };
        resources.set((kind.name, description.resource_key.clone()), after);
    }
    let Attempt {
        action,
        status_code,
        additional_fields,
    } = description.attempt?;
    let metadata = &event.metadata;
    let acting = metadata
        .actor_id
        .as_deref()
        .filter(|_| metadata.actor_kind.as_deref() == Some("user"));
    Some(Entry {
        position: event.position.0,
        id: entry_id(event),
        time: event.recorded_at,
        request_id: metadata
            .request_id
            .as_deref()
            .and_then(|id| id.parse().ok()),
        actor_kind: metadata.actor_kind.clone(),
        actor_id: metadata.actor_id.clone(),
        actor_name: metadata.actor_name.clone(),
        on_behalf_of: metadata.on_behalf_of.clone(),
        user_id: acting
            .and_then(|id| id.parse().ok())
            .or(description.user_id),
        ip: metadata.client_address.clone().unwrap_or_default(),
        user_agent: metadata.user_agent.clone().unwrap_or_default(),
        resource_type: kind.name,
        resource_key: description.resource_key,
        resource_id: description.resource_id,
        resource_target: target,
        resource_icon: icon,
        action,
        status_code,
        diff: difference,
        additional_fields,
        organization_id: description.organization_id,
    })
}

/// The first half of the event's hash, which is as unique as its position and cannot be made up.
fn entry_id(event: &RecordedEvent) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&event.hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

async fn insert(entries: Vec<Entry>, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($field:ident) => {
            entries
                .iter()
                .map(|entry| entry.$field.clone())
                .collect::<Vec<_>>()
        };
    }
    sqlx::query(include_str!("sql/insert_entries.sql"))
        .bind(column!(position))
        .bind(column!(id))
        .bind(column!(time))
        .bind(column!(request_id))
        .bind(column!(actor_kind))
        .bind(column!(actor_id))
        .bind(column!(actor_name))
        .bind(column!(on_behalf_of))
        .bind(column!(user_id))
        .bind(column!(ip))
        .bind(column!(user_agent))
        .bind(column!(resource_type))
        .bind(column!(resource_key))
        .bind(column!(resource_id))
        .bind(column!(resource_target))
        .bind(column!(resource_icon))
        .bind(column!(action))
        .bind(column!(status_code))
        .bind(column!(diff))
        .bind(column!(additional_fields))
        .bind(column!(organization_id))
        .execute(connection)
        .await?;
    Ok(())
}
