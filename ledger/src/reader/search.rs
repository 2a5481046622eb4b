use sqlx::Row;

use super::LedgerReader;
use crate::{Position, ReadError, RecordedEvent};

const SEARCH: &str = include_str!("../sql/search.sql");
const SEARCH_NEWEST: &str = include_str!("../sql/search_newest.sql");
const KEY_HOLDER: &str = include_str!("../sql/unique_key_holder.sql");

/// Which events to find. All given conditions must hold; [`Default`] is every event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// After this position.
    pub after: Position,
    /// Up to and including this position.
    pub until: Position,
    /// Kind of the stream.
    pub aggregate_type: Option<String>,
    /// Name of the stream.
    pub aggregate_id: Option<String>,
    /// What happened.
    pub event_type: Option<String>,
    /// Id of the actor, or its name without regard to case.
    pub actor: Option<String>,
    /// Network address of the client.
    pub client_address: Option<String>,
    /// The organization that the event, its stream or the stream's first event names.
    pub organization_id: Option<String>,
    /// Text that the payload, the metadata or the stream's name holds, without regard to case.
    pub text: Option<String>,
    /// The request, or the piece of work, that the event belongs to.
    pub request_id: Option<String>,
}

impl Default for EventFilter {
    fn default() -> Self {
        Self {
            after: Position::START,
            until: Position(i64::MAX),
            aggregate_type: None,
            aggregate_id: None,
            event_type: None,
            actor: None,
            client_address: None,
            organization_id: None,
            text: None,
            request_id: None,
        }
    }
}

impl LedgerReader {
    /// Up to `limit` events that match, oldest first, in their current versions.
    pub async fn find(
        &self,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.search(SEARCH, filter, limit).await
    }

    /// Up to `limit` events that match, newest first.
    pub async fn find_newest(
        &self,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.search(SEARCH_NEWEST, filter, limit).await
    }

    async fn search(
        &self,
        sql: &'static str,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let rows = sqlx::query(sql)
            .bind(filter.after.0)
            .bind(filter.until.0)
            .bind(&filter.aggregate_type)
            .bind(&filter.aggregate_id)
            .bind(&filter.event_type)
            .bind(&filter.actor)
            .bind(&filter.client_address)
            .bind(&filter.organization_id)
            .bind(&filter.text)
            .bind(&filter.request_id)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        self.upcast_rows(&rows)
    }

    /// Name of the stream that holds a unique key.
    pub async fn key_holder(&self, key: &str) -> Result<Option<String>, ReadError> {
        let row = sqlx::query(KEY_HOLDER)
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
