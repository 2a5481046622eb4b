use chancery_aggregates::group::{Group, GroupId};
use chancery_aggregates::organization::OrganizationId;
use chancery_ledger::{FoldError, LedgerReader, Position, RecordedEvent};
use chancery_noun::Noun;

use crate::Projection;
use crate::organization::Organizations;

/// Every event up to a position that matters to the groups of an organization: its own, its groups', its memberships', and
/// those of the users in them; `None`: to any group. All are held in memory.
pub async fn history(
    reader: &LedgerReader,
    organization_id: Option<OrganizationId>,
    until: Position,
) -> Result<Vec<RecordedEvent>, FoldError> {
    let Some(organization_id) = organization_id else {
        let types = Organizations.aggregate_types();
        return Ok(reader.read_types_until(types, until).await?);
    };
    let id = organization_id.to_string();
    let stream = |noun: &str, id: &str| (noun.to_owned(), id.to_owned());
    let mut streams = vec![stream("organization", &id)];
    for (group_id, group) in reader.fold_all::<Group>(until).await? {
        let group = group.life.live();
        if group.is_some_and(|group| group.organization_id == organization_id) {
            streams.push(stream(Group::TYPE, &group_id));
        }
    }
    let prefix = id + ":";
    for member in reader.stream_ids("organization_member", &prefix).await? {
        streams.push(stream(
            "user",
            member.get(prefix.len()..).unwrap_or_default(),
        ));
        streams.push(stream("organization_member", &member));
    }
    Ok(reader.read_streams_until(&streams, until).await?)
}

/// The organization of a group that there was at a position; `None`: there was no such group.
pub async fn organization_of(
    reader: &LedgerReader,
    group_id: GroupId,
    until: Position,
) -> Result<Option<OrganizationId>, FoldError> {
    let id = group_id.to_string();
    let groups = reader.fold_streams::<Group>(&[&id], until).await?;
    let group = groups.get(&id).and_then(|group| group.life.live());
    Ok(group.map(|group| group.organization_id))
}
