use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use chancery_aggregates::audit::Entry;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use super::facet::{self, FacetOf};
use super::names::Names;
use super::noun::{self, NOUNS};
use super::{kind, states};
use crate::copy::{Rows, Sending};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of the audit trail.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

#[async_trait]
impl Projection for Audit {
    fn name(&self) -> ProjectionName {
        ProjectionName::AUDIT
    }

    /// States are stored in it: it is made anew when a noun's state changes its shape.
    fn version(&self) -> i32 {
        const OWN: u32 = 3;
        let states: u32 = NOUNS.values().map(|noun| noun.state_version).sum();
        (OWN + states).cast_signed()
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
        static TYPES: LazyLock<Vec<&str>> = LazyLock::new(|| NOUNS.keys().copied().collect());
        &TYPES
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        apply(events, connection).await
    }
}

async fn apply(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let entries = describe(events).await?;
    let mut names = Names::read(entries.iter().flatten(), connection).await?;
    let statement = include_str!("sql/copy_entries.sql");
    let mut rows = Sending::begin(statement, 6, connection).await?;
    for (event, entry) in events.iter().zip(&entries) {
        let Some(entry) = entry else {
            continue;
        };
        let target = names.pass(entry, event.position.0).name;
        put(event, entry, &target, rows.rows())?;
        rows.advance().await?;
    }
    rows.finish().await?;
    names.write(connection).await?;
    states::write(events, connection).await
}

/// What the events are to the trail. Of many, one half is worked out beside the other.
async fn describe(events: &[Arc<RecordedEvent>]) -> Result<Vec<Option<Entry>>, ApplyError> {
    const MANY: usize = 500;
    fn each(events: &[Arc<RecordedEvent>]) -> Result<Vec<Option<Entry>>, ApplyError> {
        events.iter().map(|event| noun::describe(event)).collect()
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
    let mut entries = first?;
    entries.extend(second?);
    Ok(entries)
}

/// Adds the rows of an event's entry.
fn put(
    event: &RecordedEvent,
    entry: &Entry,
    target: &str,
    rows: &mut Rows,
) -> Result<(), ApplyError> {
    let Some(action) = entry.action else {
        return Ok(());
    };
    let kind = kind::number(entry.resource, action);
    let user_id = user_id(event, entry);
    let request_id = uuid(event.metadata.request_id.as_deref());
    let is_said = (noun::of(event)?.stream_of)(entry.id).is_some();
    let facets = [
        (FacetOf::Target, Some(facet::of_name(target))),
        (FacetOf::Resource, (!is_said).then_some(entry.id)),
        (
            FacetOf::Organization,
            entry.organization_id.map(OrganizationId::uuid),
        ),
    ];
    for (facet_of, facet) in facets {
        if let Some(facet) = facet {
            rows.begin()
                .put(event.position.0)
                .put(facet)
                .put(user_id)
                .put(request_id)
                .put(kind)
                .put(facet_of.number());
        }
    }
    Ok(())
}

/// The user who acted, or else whose action it is.
pub(super) fn user_id(event: &RecordedEvent, entry: &Entry) -> Option<UserId> {
    let metadata = &event.metadata;
    let acted = metadata.actor_kind.as_deref() == Some("user");
    let acting = acted.then(|| uuid(metadata.actor_id.as_deref())).flatten();
    acting.map(UserId::new).or(entry.user_id)
}

/// What is recorded as text, where it is a UUID.
pub(super) fn uuid(text: Option<&str>) -> Option<Uuid> {
    text.and_then(|text| text.parse().ok())
}
