//! The table `oauth2_grants`, as batches read and write it.

use std::collections::HashSet;

use chancery_aggregates::oauth2_app::{AppSecretId, OAuth2AppId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::fold::{Changes, Needed};
use super::row::Grant;
use crate::copy::Rows;

const COLUMNS: i16 = 20;

/// The grants that a batch builds on.
pub(super) async fn read(
    needed: &Needed,
    connection: &mut PgConnection,
) -> Result<Vec<Grant>, sqlx::Error> {
    let mut grants: Vec<Grant> = Vec::new();
    let ids = needed.ids();
    if !ids.is_empty() {
        grants = sqlx::query_as(include_str!("sql/read.sql"))
            .bind(ids)
            .fetch_all(&mut *connection)
            .await?;
    }
    let (users, apps) = needed.pairs();
    if !users.is_empty() {
        let exclusive: Vec<Grant> = sqlx::query_as(include_str!("sql/read_exclusive.sql"))
            .bind(users)
            .bind(apps)
            .fetch_all(connection)
            .await?;
        grants.extend(exclusive);
    }
    Ok(grants)
}

/// A deleted app, or a deleted secret of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deleted {
    pub(super) app_id: OAuth2AppId,
    /// The secret; none when the app itself was deleted.
    pub(super) secret_id: Option<AppSecretId>,
}

/// Removes the grants of deleted apps and secrets, and keeps later events from bringing them back.
pub(super) async fn bury(
    deleted: &[Deleted],
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let ids = deleted
        .iter()
        .map(|one| one.secret_id.map_or(one.app_id.uuid(), AppSecretId::uuid));
    sqlx::query(include_str!("sql/insert_tombstones.sql"))
        .bind(ids.collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("sql/delete.sql"))
        .bind(deleted.iter().map(|one| one.app_id).collect::<Vec<_>>())
        .bind(deleted.iter().map(|one| one.secret_id).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes new and changed grants, but for those of an app or a secret that is deleted: these are removed.
pub(super) async fn write(
    changes: Changes,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let all = || changes.new.iter().chain(&changes.changed);
    if all().next().is_none() {
        return Ok(());
    }
    let named: HashSet<Uuid> = all()
        .flat_map(|grant| {
            let secret_id = grant.app_secret_id.map(AppSecretId::uuid);
            [Some(grant.app_id.uuid()), secret_id]
        })
        .flatten()
        .collect();
    let dead: HashSet<Uuid> = sqlx::query_scalar(include_str!("sql/find_tombstones.sql"))
        .bind(named.into_iter().collect::<Vec<_>>())
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .collect();
    let is_dead = |grant: &Grant| {
        let secret_id = grant.app_secret_id;
        dead.contains(&grant.app_id.uuid()) || secret_id.is_some_and(|id| dead.contains(&id.uuid()))
    };
    let mut new = Rows::new(COLUMNS);
    for grant in changes.new.iter().filter(|grant| !is_dead(grant)) {
        put(grant, &mut new);
    }
    new.send(include_str!("sql/copy.sql"), connection).await?;
    let (buried, living): (Vec<Grant>, Vec<Grant>) = changes.changed.into_iter().partition(is_dead);
    if !buried.is_empty() {
        sqlx::query(include_str!("sql/delete_by_id.sql"))
            .bind(buried.iter().map(|grant| &*grant.id).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    update(&living, connection).await
}

fn put(grant: &Grant, rows: &mut Rows) {
    rows.begin()
        .put(&grant.id)
        .put(grant.app_id)
        .put(grant.user_id)
        .put(grant.status.as_str())
        .put(grant.exclusive.as_str())
        .put(&grant.redirect_uri)
        .put(&grant.resource_uri)
        .put(&grant.code_challenge)
        .put(&grant.code_challenge_method)
        .put(&grant.scope)
        .put(grant.code_expires_at)
        .put(grant.app_secret_id)
        .put(&grant.audience)
        .put(grant.access_token_expires_at)
        .put(grant.refresh_token_expires_at)
        .put(grant.issued_at)
        .put(grant.exchanged_at)
        .put(grant.refreshed_at)
        .put(grant.ended_at)
        .put(&grant.revocation_reason);
}

async fn update(grants: &[Grant], connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if grants.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($field:ident) => {
            grants.iter().map(|grant| grant.$field).collect::<Vec<_>>()
        };
    }
    macro_rules! texts {
        ($field:ident) => {
            grants
                .iter()
                .map(|grant| grant.$field.as_deref())
                .collect::<Vec<_>>()
        };
    }
    sqlx::query(include_str!("sql/update.sql"))
        .bind(grants.iter().map(|grant| &*grant.id).collect::<Vec<_>>())
        .bind(
            grants
                .iter()
                .map(|grant| grant.status.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(grants.iter().map(|grant| &*grant.scope).collect::<Vec<_>>())
        .bind(column!(app_secret_id))
        .bind(texts!(audience))
        .bind(column!(access_token_expires_at))
        .bind(column!(refresh_token_expires_at))
        .bind(column!(exchanged_at))
        .bind(column!(refreshed_at))
        .bind(column!(ended_at))
        .bind(texts!(revocation_reason))
        .execute(connection)
        .await?;
    Ok(())
}
