use std::sync::Arc;

use chancery_aggregates::{oauth2_app, oauth2_grant};
use chancery_ledger::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::fold::{Fold, Needed};
use super::row::Grant;
use crate::event::{decode, stream_uuid};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of OAuth2 grants.
#[derive(Debug, Clone, Copy)]
pub struct OAuth2Grants;

impl Projection for OAuth2Grants {
    fn name(&self) -> ProjectionName {
        ProjectionName::OAUTH2_GRANT
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["oauth2_app", "oauth2_grant"]
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        apply(events, connection).boxed()
    }
}

/// Folds the batch in memory, so that it costs one read and one write, and two more when apps or secrets were deleted.
async fn apply(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let mut deleted: Vec<Uuid> = Vec::new();
    let mut needed = Needed::default();
    let mut grant_events = Vec::with_capacity(events.len());
    for event in events {
        if event.aggregate_type == "oauth2_app" {
            match decode(event)? {
                oauth2_app::Event::OAuth2AppDeleted {} => deleted.push(stream_uuid(event)?),
                oauth2_app::Event::OAuth2AppSecretDeleted { secret_id } => deleted.push(secret_id),
                oauth2_app::Event::OAuth2AppCreated { .. }
                | oauth2_app::Event::OAuth2AppUpdated { .. }
                | oauth2_app::Event::OAuth2AppSecretCreated { .. } => {}
            }
        } else {
            let grant_event: oauth2_grant::Event = decode(event)?;
            needed.add(&event.aggregate_id, &grant_event);
            grant_events.push((event, grant_event));
        }
    }
    let mut fold = Fold::new(read(&needed, connection).await?);
    for (event, grant_event) in grant_events {
        fold.apply(&event.aggregate_id, grant_event, event.recorded_at);
    }
    if !deleted.is_empty() {
        bury(&deleted, connection).await?;
    }
    write(fold.into_changed(), connection).await
}

async fn read(needed: &Needed, connection: &mut PgConnection) -> Result<Vec<Grant>, sqlx::Error> {
    if needed.is_empty() {
        return Ok(Vec::new());
    }
    let (users, apps) = needed.pairs();
    sqlx::query_as(include_str!("sql/read.sql"))
        .bind(needed.ids.iter().map(String::as_str).collect::<Vec<_>>())
        .bind(users)
        .bind(apps)
        .fetch_all(connection)
        .await
}

/// Removes the grants of deleted apps and secrets, and keeps later events from bringing them back.
async fn bury(deleted: &[Uuid], connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/insert_tombstones.sql"))
        .bind(deleted)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("sql/delete.sql"))
        .bind(deleted)
        .execute(connection)
        .await?;
    Ok(())
}

async fn write(rows: Vec<Grant>, connection: &mut PgConnection) -> Result<(), ApplyError> {
    if rows.is_empty() {
        return Ok(());
    }
    macro_rules! column {
        ($field:ident) => {
            rows.iter()
                .map(|row| row.$field.clone())
                .collect::<Vec<_>>()
        };
    }
    sqlx::query(include_str!("sql/write.sql"))
        .bind(column!(id))
        .bind(column!(app_id))
        .bind(column!(user_id))
        .bind(
            rows.iter()
                .map(|row| row.status.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(column!(exclusive))
        .bind(column!(redirect_uri))
        .bind(column!(resource_uri))
        .bind(column!(code_challenge))
        .bind(column!(code_challenge_method))
        .bind(column!(scope))
        .bind(column!(code_expires_at))
        .bind(column!(app_secret_id))
        .bind(column!(api_key_id))
        .bind(column!(hashed_secret))
        .bind(column!(audience))
        .bind(column!(access_token_expires_at))
        .bind(column!(refresh_token_expires_at))
        .bind(column!(issued_at))
        .bind(column!(exchanged_at))
        .bind(column!(refreshed_at))
        .bind(column!(ended_at))
        .bind(column!(revocation_reason))
        .execute(connection)
        .await?;
    Ok(())
}
