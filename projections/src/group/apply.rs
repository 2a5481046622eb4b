//! How events change the tables of groups.
//!
//! A membership of a group is one of its organization, too, in the order of the ledger: an addition of somebody who is
//! not in the organization by then counts for nothing, and leaving the organization ends every membership of its groups.

use chancery_aggregates::group::Event;
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ApplyError;
use crate::event::{decode, stream_uuid};
use crate::organization::Counts;

/// Applies an event of a group.
pub(crate) async fn apply(
    event: &RecordedEvent,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let id = stream_uuid(event)?;
    match decode(event)? {
        Event::GroupCreated {
            organization_id,
            name,
            display_name,
            avatar_url,
            quota_allowance,
            source,
        } => {
            sqlx::query(include_str!("sql/insert.sql"))
                .bind(id)
                .bind(organization_id)
                .bind(name)
                .bind(display_name)
                .bind(avatar_url)
                .bind(quota_allowance)
                .bind(source.as_str())
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        Event::GroupUpdated {
            organization_id: _,
            previous_name: _,
            name,
            display_name,
            avatar_url,
            quota_allowance,
        } => {
            sqlx::query(include_str!("sql/update.sql"))
                .bind(id)
                .bind(name)
                .bind(display_name)
                .bind(avatar_url)
                .bind(quota_allowance)
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        Event::GroupMembersChanged {
            organization_id: _,
            added,
            removed,
        } => {
            let change = change_members(id, &added, &removed, connection).await?;
            counts.group(id, change);
            sqlx::query(include_str!("sql/stamp.sql"))
                .bind(id)
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        Event::GroupDeleted { .. } => {
            for statement in [
                include_str!("sql/delete_members_of_group.sql"),
                include_str!("sql/delete.sql"),
            ] {
                sqlx::query(statement)
                    .bind(id)
                    .execute(&mut *connection)
                    .await?;
            }
        }
    }
    Ok(())
}

/// Returns how many members the group has more.
async fn change_members(
    id: Uuid,
    added: &[Uuid],
    removed: &[Uuid],
    connection: &mut PgConnection,
) -> Result<i64, sqlx::Error> {
    const ADD: &str = include_str!("sql/add_members.sql");
    const REMOVE: &str = include_str!("sql/remove_members.sql");
    let mut change = 0;
    for (statement, user_ids, each) in [(REMOVE, removed, -1), (ADD, added, 1)] {
        if user_ids.is_empty() {
            continue;
        }
        let departed: Vec<bool> = sqlx::query_scalar(statement)
            .bind(id)
            .bind(user_ids)
            .fetch_all(&mut *connection)
            .await?;
        let members: i64 = departed
            .iter()
            .filter(|departed| !**departed)
            .map(|_| each)
            .sum();
        change += members;
    }
    Ok(change)
}

/// Ends what memberships of groups a user still has in an organization that he leaves.
pub(crate) async fn depart(
    organization_id: Uuid,
    user_id: Uuid,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let left = sqlx::query_scalar(include_str!("sql/depart.sql"))
        .bind(organization_id)
        .bind(user_id)
        .fetch_all(connection)
        .await?;
    for group_id in left {
        counts.group(group_id, -1);
    }
    Ok(())
}

/// Ends all memberships of a deleted user.
pub(crate) async fn delete_user(
    user_id: Uuid,
    counts: &mut Counts,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let left: Vec<(Uuid, bool)> = sqlx::query_as(include_str!("sql/delete_user.sql"))
        .bind(user_id)
        .fetch_all(connection)
        .await?;
    for (group_id, departed) in left {
        counts.group(group_id, if departed { 0 } else { -1 });
    }
    Ok(())
}

/// Deletes the groups of an organization that is deleted.
pub(crate) async fn end_organization(
    organization_id: Uuid,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    for statement in [
        include_str!("sql/delete_members_of_organization.sql"),
        include_str!("sql/delete_of_organization.sql"),
    ] {
        sqlx::query(statement)
            .bind(organization_id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
