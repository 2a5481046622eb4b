use std::sync::Arc;

use chancery_aggregates::oauth2_app::Event;
use chancery_ledger::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::PgConnection;

use crate::event::{decode, stream_uuid};
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of OAuth2 apps and their secrets.
#[derive(Debug, Clone, Copy)]
pub struct OAuth2Apps;

impl Projection for OAuth2Apps {
    fn name(&self) -> ProjectionName {
        ProjectionName::OAUTH2_APP
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["oauth2_app"]
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Arc<RecordedEvent>],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), ApplyError>> {
        async move {
            for event in events {
                apply(event, connection).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

async fn apply(event: &RecordedEvent, connection: &mut PgConnection) -> Result<(), ApplyError> {
    let id = stream_uuid(event)?;
    match decode::<Event>(event)? {
        Event::Oauth2AppCreated {
            name,
            callback_url,
            icon,
            redirect_uris,
            client_type,
            token_endpoint_auth_method,
            require_pkce,
            allow_multiple_grants,
        } => {
            sqlx::query(include_str!("sql/insert.sql"))
                .bind(id)
                .bind(name)
                .bind(callback_url)
                .bind(icon)
                .bind(redirect_uris)
                .bind(client_type.as_str())
                .bind(token_endpoint_auth_method.as_str())
                .bind(require_pkce)
                .bind(allow_multiple_grants)
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        Event::Oauth2AppUpdated {
            name,
            callback_url,
            icon,
            redirect_uris,
        } => {
            sqlx::query(include_str!("sql/update.sql"))
                .bind(id)
                .bind(name)
                .bind(callback_url)
                .bind(icon)
                .bind(redirect_uris)
                .bind(event.recorded_at)
                .execute(connection)
                .await?;
        }
        Event::Oauth2AppDeleted {} => {
            sqlx::query(include_str!("sql/delete.sql"))
                .bind(id)
                .execute(connection)
                .await?;
        }
        Event::Oauth2AppSecretCreated {
            secret_id,
            secret_prefix,
            hashed_secret,
            display_secret,
            created_at,
        } => {
            sqlx::query(include_str!("sql/insert_secret.sql"))
                .bind(secret_id)
                .bind(id)
                .bind(secret_prefix)
                .bind(hashed_secret.as_str())
                .bind(display_secret)
                .bind(created_at)
                .execute(connection)
                .await?;
        }
        Event::Oauth2AppSecretDeleted { secret_id } => {
            sqlx::query(include_str!("sql/delete_secret.sql"))
                .bind(secret_id)
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}
