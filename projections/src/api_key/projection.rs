use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_aggregates::api_key::Event;
use chancery_ledger::RecordedEvent;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::event::decode;
use crate::{ApplyError, Projection, ProjectionName};

/// The projection of API keys.
#[derive(Debug, Clone, Copy)]
pub struct ApiKeys;

#[async_trait]
impl Projection for ApiKeys {
    fn name(&self) -> ProjectionName {
        ProjectionName::API_KEY
    }

    fn version(&self) -> i32 {
        3
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["api_key"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        let mut changes = Changes::default();
        for event in events {
            changes.fold(event)?;
        }
        changes.write(connection).await
    }
}

struct NewKey {
    user_id: Uuid,
    origin: &'static str,
    login_type: &'static str,
    scope: &'static str,
    token_name: String,
    credential_generation: i32,
    lifetime_seconds: i64,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// What a batch comes to, so that it costs at most three statements.
#[derive(Default)]
struct Changes {
    created: BTreeMap<String, NewKey>,
    extended: BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    deleted: Vec<String>,
}

impl Changes {
    fn fold(&mut self, event: &RecordedEvent) -> Result<(), ApplyError> {
        let id = event.aggregate_id.clone();
        let now = event.recorded_at;
        match decode::<Event>(event)? {
            Event::ApiKeyCreated {
                user_id,
                credential_generation,
                origin,
                login_type,
                scope,
                token_name,
                hashed_secret: _,
                lifetime_seconds,
                expires_at,
            } => {
                let created = NewKey {
                    user_id,
                    origin: origin.as_str(),
                    login_type: login_type.as_str(),
                    scope: scope.as_str(),
                    token_name,
                    credential_generation: i32::try_from(credential_generation).unwrap_or(i32::MAX),
                    lifetime_seconds,
                    expires_at,
                    created_at: now,
                    updated_at: now,
                };
                self.created.insert(id, created);
            }
            Event::ApiKeyExtended { expires_at } => match self.created.get_mut(&id) {
                Some(created) => (created.expires_at, created.updated_at) = (expires_at, now),
                None => {
                    self.extended.insert(id, (expires_at, now));
                }
            },
            Event::ApiKeyDeleted { .. } => {
                if self.created.remove(&id).is_none() {
                    self.extended.remove(&id);
                    self.deleted.push(id);
                }
            }
        }
        Ok(())
    }

    async fn write(self, connection: &mut PgConnection) -> Result<(), ApplyError> {
        if !self.created.is_empty() {
            let (ids, rows): (Vec<_>, Vec<_>) = self.created.into_iter().unzip();
            sqlx::query(include_str!("sql/insert.sql"))
                .bind(ids)
                .bind(rows.iter().map(|row| row.user_id).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.origin).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.login_type).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.scope).collect::<Vec<_>>())
                .bind(
                    rows.iter()
                        .map(|row| row.token_name.as_str())
                        .collect::<Vec<_>>(),
                )
                .bind(
                    rows.iter()
                        .map(|row| row.credential_generation)
                        .collect::<Vec<_>>(),
                )
                .bind(
                    rows.iter()
                        .map(|row| row.lifetime_seconds)
                        .collect::<Vec<_>>(),
                )
                .bind(rows.iter().map(|row| row.expires_at).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.created_at).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.updated_at).collect::<Vec<_>>())
                .execute(&mut *connection)
                .await?;
        }
        if !self.extended.is_empty() {
            let (ids, times): (Vec<_>, Vec<_>) = self.extended.into_iter().unzip();
            let (expires_at, updated_at): (Vec<_>, Vec<_>) = times.into_iter().unzip();
            sqlx::query(include_str!("sql/extend.sql"))
                .bind(ids)
                .bind(expires_at)
                .bind(updated_at)
                .execute(&mut *connection)
                .await?;
        }
        if !self.deleted.is_empty() {
            sqlx::query(include_str!("sql/delete.sql"))
                .bind(self.deleted)
                .execute(connection)
                .await?;
        }
        Ok(())
    }
}
