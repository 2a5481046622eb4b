//! How events change the tables of groups.
//!
//! A membership of a group is one of its organization, too, in the order of the ledger: an addition of somebody who is
//! not in the organization by then counts for nothing, and leaving the organization ends every membership of its groups.

use chancery_aggregates::group::{Event, Group, GroupId};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_ledger::RecordedEvent;
use chancery_noun::{Life, Noun};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::ApplyError;
use crate::event::{decode, stream_id};
use crate::organization::Counts;

/// Applies an event of a group.
pub(crate) async fn apply(
    event: &RecordedEvent,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let id = stream_id(event)?;
    let event = decode(event)?;
    if let Event::GroupMembersChanged { added, removed, .. } = event {
        const REMOVE: &str = include_str!("sql/remove_members.sql");
        const ADD: &str = include_str!("sql/add_members.sql");
        for (statement, user_ids, each) in [(REMOVE, removed, -1), (ADD, added, 1)] {
            if !user_ids.is_empty() {
                let query = sqlx::query_scalar(statement).bind(id).bind(user_ids);
                let members: i64 = query.fetch_one(&mut *connection).await?;
                counts.group(id, each * members);
            }
        }
        return Ok(());
    }
    let present: Option<Json<Group>> = sqlx::query_scalar(include_str!("sql/state.sql"))
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let mut group = present.map_or(Life::Unknown, |Json(group)| Life::Live(group));
    Group::evolve(&mut group, event);
    match group.into_live() {
        None => delete(Some(id), None, connection).await?,
        Some(group) => {
            sqlx::query(include_str!("sql/write.sql"))
                .bind(id)
                .bind(group.organization_id)
                .bind(Json(group))
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

/// Ends what memberships of groups a user still has: in an organization that he leaves, or all when he is deleted.
pub(crate) async fn depart(
    organization_id: Option<OrganizationId>,
    user_id: UserId,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let query = match organization_id {
        Some(id) => sqlx::query_scalar(include_str!("sql/depart.sql")).bind(id),
        None => sqlx::query_scalar(include_str!("sql/delete_user.sql")),
    };
    for group_id in query.bind(user_id).fetch_all(connection).await? {
        counts.group(group_id, -1);
    }
    Ok(())
}

/// Deletes a group, or the groups of an organization that is deleted.
pub(crate) async fn delete(
    id: Option<GroupId>,
    organization_id: Option<OrganizationId>,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/delete.sql"))
        .bind(id)
        .bind(organization_id)
        .execute(connection)
        .await?;
    Ok(())
}
