use std::collections::HashSet;
use std::sync::Arc;

use chancery_ledger::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use sqlx::PgConnection;

use super::describe::{AGGREGATE_TYPES, Change, Description, Event, Named};
use super::diff::diff;
use super::entry::{self, Entry};
use super::fields::Fields;
use super::listed;
use super::resources::{Resource, Resources};
use crate::copy::Rows;
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of the audit trail.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

impl Projection for Audit {
    fn name(&self) -> ProjectionName {
        ProjectionName::AUDIT
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn indexes(&self) -> &'static str {
        include_str!("indexes.sql")
    }

    fn decides(&self) -> bool {
        false
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        AGGREGATE_TYPES
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        apply(events, connection).boxed()
    }
}

async fn apply(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let descriptions = describe(events).await?;
    let mut needed = HashSet::new();
    // Made in this batch, and once in its life: there is nothing to read.
    let mut made = HashSet::new();
    for description in &descriptions {
        let resource = &description.resource;
        match description.change {
            Change::Created(_) if !resource.kind.recurs => {
                made.insert(resource.clone());
            }
            Change::Refused if !matches!(description.named, Named::Before) => {}
            _ if made.contains(resource) => {}
            _ => {
                needed.insert(resource.clone());
            }
        }
        if let Named::After(reference) = &description.named
            && !made.contains(reference)
        {
            needed.insert(reference.clone());
        }
    }
    let mut resources = Resources::read(needed, connection).await?;
    let mut entries = entry::begin(connection).await?;
    for (event, description) in events.iter().zip(descriptions) {
        enter(event, description, &mut resources, entries.rows());
        entries.advance().await?;
    }
    entries.finish().await?;
    resources.write(connection).await?;
    Ok(())
}

/// What the events mean. Of many, one half is worked out beside the other.
async fn describe(events: &[Arc<RecordedEvent>]) -> Result<Vec<Description>, ApplyError> {
    const MANY: usize = 500;
    fn each(events: &[Arc<RecordedEvent>]) -> Result<Vec<Description>, ApplyError> {
        let describe = |event: &Arc<RecordedEvent>| Event::decode(event)?.describe(event);
        events.iter().map(describe).collect()
    }
    if events.len() < MANY {
        return each(events);
    }
    let (first, second) = events.split_at(events.len() / 2);
    let second = second.to_vec();
    let beside = tokio::task::spawn_blocking(move || each(&second));
    let first = each(first);
    let second = match beside.await {
        Ok(second) => second,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    // The first event at fault is the one that is named.
    let mut descriptions = first?;
    descriptions.extend(second?);
    Ok(descriptions)
}

/// Changes the resource's state, and makes the entry.
fn enter(
    event: &RecordedEvent,
    description: Description,
    resources: &mut Resources,
    entries: &mut Rows,
) {
    let resource = description.resource;
    let kind = resource.kind;
    let none = Resource::default();
    let before = resources.get(&resource).unwrap_or(&none);
    let (target, icon) = match description.named {
        Named::Event(target, icon) => (target, icon),
        Named::Before => (before.target.clone(), before.icon.clone()),
        Named::After(other) => match resources.get(&other) {
            Some(named) => (named.target.clone(), named.icon.clone()),
            None => (other.key, String::new()),
        },
    };
    let mut shown = None;
    let (state, deleted) = match description.change {
        Change::Created(state) => (Some(state), false),
        Change::Written(written) => {
            let mut state = before.state.clone();
            state.extend(written);
            (Some(state), before.deleted)
        }
        Change::Listed {
            field,
            added,
            removed,
        } => {
            let mut state = before.state.clone();
            shown = listed::change(&mut state, field, &added, &removed);
            (Some(state), before.deleted)
        }
        Change::Deleted => (Some(Fields::default()), true),
        Change::Refused => (None, before.deleted),
    };
    let state = state.map(|mut state| {
        // A membership's field `username` is the name it goes by.
        if kind.name == "organization_member" && !deleted {
            state.set("username", Value::String(target.clone()));
        }
        state
    });
    let difference = match (shown, &state) {
        (Some(shown), _) => shown,
        (None, Some(state)) => diff(kind.fields, &before.state, state),
        (None, None) => "{}".to_owned(),
    };
    if let Some(attempt) = &description.attempt {
        let entry = Entry {
            resource: &resource,
            resource_id: description.resource_id,
            target: &target,
            icon: &icon,
            diff: &difference,
            attempt,
            user_id: description.user_id,
            organization_id: description.organization_id,
        };
        entry.put(event, entries);
    }
    if let Some(state) = state {
        let after = Resource {
            target,
            icon,
            state,
            deleted,
        };
        resources.set(resource, after);
    }
    if let Some(gone) = description.ends {
        resources.remove(gone);
    }
}
