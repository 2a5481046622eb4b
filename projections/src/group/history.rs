use std::collections::BTreeSet;

use chancery_ledger::{LedgerReader, Position, ReadError, RecordedEvent};
use uuid::Uuid;

use crate::Projection;
use crate::organization::Organizations;

/// Every event up to a position that matters to any group, in memory.
pub async fn whole_history(
    reader: &LedgerReader,
    until: Position,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let types = Organizations.aggregate_types();
    reader.read_types_until(types, until).await
}

/// Every event up to a position that matters to the groups of an organization: its own, its groups', its memberships', and
/// those of the users in them. All are held in memory.
pub async fn history(
    reader: &LedgerReader,
    organization_id: Uuid,
    until: Position,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let id = organization_id.to_string();
    let mut streams = vec![("organization".to_owned(), id.clone())];
    let groups = reader.read_types_until(&["group"], until).await?;
    let of_organization: BTreeSet<&str> = groups
        .iter()
        .filter(|event| {
            event
                .payload
                .get("organization_id")
                .is_some_and(|of| *of == *id)
        })
        .map(|event| event.aggregate_id.as_str())
        .collect();
    // The group of everyone has its organization's id, and perhaps no events.
    streams.push(("group".to_owned(), id.clone()));
    let others = of_organization.into_iter().filter(|group| *group != id);
    streams.extend(others.map(|group| ("group".to_owned(), group.to_owned())));
    let prefix = id + ":";
    for member in reader.stream_ids("organization_member", &prefix).await? {
        let user = member.get(prefix.len()..).unwrap_or_default().to_owned();
        streams.push(("user".to_owned(), user));
        streams.push(("organization_member".to_owned(), member));
    }
    reader.read_streams_until(&streams, until).await
}

/// The organization of a group that there was at a position; `None`: there was no such group.
pub async fn organization_of(
    reader: &LedgerReader,
    group_id: Uuid,
    until: Position,
) -> Result<Option<Uuid>, ReadError> {
    let id = group_id.to_string();
    let events = reader.read_stream_until("group", &id, until).await?;
    let named = events
        .iter()
        .find_map(|event| event.payload.get("organization_id")?.as_str()?.parse().ok());
    if named.is_some() {
        return Ok(named);
    }
    let organization = reader.read_stream_until("organization", &id, until).await?;
    Ok((!organization.is_empty()).then_some(group_id))
}
