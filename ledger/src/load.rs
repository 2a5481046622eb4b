use std::sync::Arc;

use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, EventStore};

use crate::{
    CommandContext, EventMetadata, EventSourced, Ledger, LedgerRepository, LoadError, StreamType,
};

impl Ledger {
    /// Replays a stream: the aggregate and its last sequence; 0 when there is no such stream.
    pub async fn load<A: EventSourced>(&self, id: &str) -> Result<(A, i64), LoadError> {
        let stream_type = self.0.types.get::<A>()?;
        let context = self
            .store(stream_type)
            .load_aggregate(id)
            .await
            .map_err(|error| load_error::<A>(id, error))?;
        let sequence = i64::try_from(context.current_sequence).unwrap_or(i64::MAX);
        Ok((context.aggregate, sequence))
    }

    /// The aggregate as this process last saw it, or replayed when it has not; with its last sequence, 0 when there is no
    /// such stream. It may be behind: good for what never changes once it is recorded.
    pub async fn recall<A: EventSourced>(&self, id: &str) -> Result<(A, i64), LoadError> {
        match self.0.cache.get::<A>(id) {
            Some((aggregate, sequence)) => Ok(((*aggregate).clone(), sequence)),
            None => self.load(id).await,
        }
    }

    /// cqrs-es's repository over this ledger, for what is built on that library. Its appends carry the given context.
    pub fn repository<A: EventSourced>(
        &self,
        context: CommandContext,
    ) -> Result<LedgerRepository, LoadError> {
        let version = self.0.types.get::<A>()?.snapshot_version;
        Ok(self.repository_with(version, context))
    }

    fn repository_with(&self, snapshot_version: u32, context: CommandContext) -> LedgerRepository {
        LedgerRepository::new(
            self.0.pool.clone(),
            Arc::clone(&self.0.sequencer),
            Arc::clone(&self.0.types),
            snapshot_version,
            context,
        )
    }

    fn store<A: EventSourced>(
        &self,
        stream_type: &StreamType<A>,
    ) -> PersistedEventStore<LedgerRepository, A> {
        // Loading records nothing: what its appends would carry does not matter.
        let context = CommandContext {
            metadata: EventMetadata::default(),
            now: chrono::DateTime::UNIX_EPOCH,
            append_id: uuid::Uuid::nil(),
        };
        let repository = self.repository_with(stream_type.snapshot_version, context);
        let store = match stream_type.snapshot_every {
            Some(every) => PersistedEventStore::new_snapshot_store(repository, every),
            None => PersistedEventStore::new_event_store(repository),
        };
        store.with_upcasters((stream_type.upcasters)())
    }
}

fn load_error<A: EventSourced>(id: &str, error: AggregateError<A::Error>) -> LoadError {
    match error {
        AggregateError::DeserializationError(error) => LoadError::Corrupt {
            aggregate_type: A::TYPE,
            aggregate_id: id.to_owned(),
            reason: error.to_string(),
        },
        error => LoadError::Unavailable(error.to_string()),
    }
}
