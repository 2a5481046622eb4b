use std::sync::Arc;

use async_trait::async_trait;
use chancery_aggregates::{oauth2_app, oauth2_grant};
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;

use super::fold::{Fold, Needed};
use super::table::{self, Deleted};
use crate::event::{decode, stream_id};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of OAuth2 grants.
#[derive(Debug, Clone, Copy)]
pub struct OAuth2Grants;

#[async_trait]
impl Projection for OAuth2Grants {
    fn name(&self) -> ProjectionName {
        ProjectionName::OAUTH2_GRANT
    }

    fn version(&self) -> i32 {
        4
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["oauth2_app", "oauth2_grant"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        apply(events, connection).await
    }
}

/// Folds the batch in memory, so that it costs one read and one write of new and of changed grants, and some more when
/// apps or secrets were deleted.
async fn apply(
    events: &[Arc<RecordedEvent>],
    connection: &mut PgConnection,
) -> Result<(), ApplyError> {
    let mut deleted: Vec<Deleted> = Vec::new();
    let mut needed = Needed::default();
    let mut grant_events = Vec::with_capacity(events.len());
    for event in events {
        if event.aggregate_type == "oauth2_app" {
            match decode(event)? {
                oauth2_app::Event::Oauth2AppDeleted {} => deleted.push(Deleted {
                    app_id: stream_id(event)?,
                    secret_id: None,
                }),
                oauth2_app::Event::Oauth2AppSecretDeleted { secret_id } => deleted.push(Deleted {
                    app_id: stream_id(event)?,
                    secret_id: Some(secret_id),
                }),
                oauth2_app::Event::Oauth2AppCreated { .. }
                | oauth2_app::Event::Oauth2AppRegistered { .. }
                | oauth2_app::Event::Oauth2AppRegistrationChanged { .. }
                | oauth2_app::Event::Oauth2AppUpdated { .. }
                | oauth2_app::Event::Oauth2AppSecretCreated { .. } => {}
            }
        } else {
            let grant_event: oauth2_grant::Event = decode(event)?;
            needed.add(&event.aggregate_id, &grant_event);
            grant_events.push((event, grant_event));
        }
    }
    let mut fold = Fold::new(table::read(&needed, connection).await?);
    for (event, grant_event) in grant_events {
        fold.apply(&event.aggregate_id, grant_event, event.recorded_at);
    }
    if !deleted.is_empty() {
        table::bury(&deleted, connection).await?;
    }
    table::write(fold.into_changes(), connection).await?;
    Ok(())
}
