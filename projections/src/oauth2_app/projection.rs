use std::sync::Arc;

use async_trait::async_trait;
use chancery_aggregates::oauth2_app::{Event, OAuth2AppId};
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;

use crate::event::{decode, stream_id};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of whose the secrets are. The apps are in the [registry](crate::registry).
#[derive(Debug, Clone, Copy)]
pub struct OAuth2Apps;

#[async_trait]
impl Projection for OAuth2Apps {
    fn name(&self) -> ProjectionName {
        ProjectionName::OAUTH2_APP
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["oauth2_app"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        for event in events {
            apply(event, connection).await?;
        }
        Ok(())
    }
}

async fn apply(event: &RecordedEvent, connection: &mut PgConnection) -> Result<(), ApplyError> {
    let app_id: OAuth2AppId = stream_id(event)?;
    let statement = match decode::<Event>(event)? {
        Event::Oauth2AppSecretCreated(secret) => sqlx::query(include_str!("sql/insert_secret.sql"))
            .bind(secret.secret_id)
            .bind(app_id),
        Event::Oauth2AppSecretDeleted { secret_id } => {
            sqlx::query(include_str!("sql/delete_secret.sql")).bind(secret_id)
        }
        Event::Oauth2AppDeleted {} => {
            sqlx::query(include_str!("sql/delete_secrets.sql")).bind(app_id)
        }
        Event::Oauth2AppCreated(_)
        | Event::Oauth2AppRegistered(_)
        | Event::Oauth2AppRegistrationChanged(_)
        | Event::Oauth2AppUpdated(_) => return Ok(()),
    };
    statement.execute(connection).await?;
    Ok(())
}
