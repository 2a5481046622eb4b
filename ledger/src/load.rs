use std::sync::Arc;

use chancery_noun::{Life, Noun, Stream};
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, EventStore};

use crate::{CommandContext, EventMetadata, Ledger, LedgerRepository, LoadError};

impl Ledger {
    /// Replays a stream: its state and its last sequence; 0 when there is no such stream.
    pub async fn load<N: Noun>(&self, id: &str) -> Result<(Life<N>, i64), LoadError> {
        self.0.types.require::<N>()?;
        let context = self
            .store::<N>()
            .load_aggregate(id)
            .await
            .map_err(|error| load_error::<N>(id, error))?;
        let sequence = i64::try_from(context.current_sequence).unwrap_or(i64::MAX);
        Ok((context.aggregate.0, sequence))
    }

    /// cqrs-es's repository over this ledger, for what is built on that library. Its appends carry the given context.
    pub fn repository<N: Noun>(
        &self,
        context: CommandContext,
    ) -> Result<LedgerRepository, LoadError> {
        self.0.types.require::<N>()?;
        Ok(self.repository_with(N::STATE_VERSION, context))
    }

    fn repository_with(&self, state_version: u32, context: CommandContext) -> LedgerRepository {
        LedgerRepository::new(
            self.0.pool.clone(),
            Arc::clone(&self.0.sequencer),
            Arc::clone(&self.0.types),
            state_version,
            context,
        )
    }

    fn store<N: Noun>(&self) -> PersistedEventStore<LedgerRepository, Stream<N>> {
        // Loading records nothing: what its appends would carry does not matter.
        let context = CommandContext {
            metadata: EventMetadata::default(),
            now: chrono::DateTime::UNIX_EPOCH,
            append_id: uuid::Uuid::nil(),
        };
        let repository = self.repository_with(N::STATE_VERSION, context);
        let store = match N::SNAPSHOT_EVERY {
            Some(every) => PersistedEventStore::new_snapshot_store(repository, every),
            None => PersistedEventStore::new_event_store(repository),
        };
        store.with_upcasters(N::upcasters())
    }
}

fn load_error<N: Noun>(id: &str, error: AggregateError<N::Error>) -> LoadError {
    match error {
        AggregateError::DeserializationError(error) => LoadError::Corrupt {
            aggregate_type: N::TYPE,
            aggregate_id: id.to_owned(),
            reason: error.to_string(),
        },
        error => LoadError::Unavailable(error.to_string()),
    }
}
