use std::sync::Arc;
use std::time::Duration;

use crate::Observer;

/// How a [`Ledger`](crate::Ledger) behaves. The defaults suit a server.
#[derive(Clone, Debug)]
pub struct LedgerConfig {
    /// Name of this program's sessions in `pg_stat_activity`.
    pub application_name: String,
    /// Appends that may wait; further ones are refused as overloaded.
    pub queue_capacity: usize,
    /// Appends sent to the database at a time.
    pub max_batch: usize,
    /// Longest time the database may work on one batch.
    pub statement_timeout: Duration,
    /// Longest time to wait for another replica's append.
    pub lock_timeout: Duration,
    /// The database ends an appender's session that stalls within a transaction for so long.
    pub idle_in_transaction_timeout: Duration,
    /// Longest time to establish a connection.
    pub connect_timeout: Duration,
    /// How long an unreachable database is waited for before appends are answered as unavailable.
    pub unavailable_after: Duration,
    /// Streams, and unique keys, that are kept as they are at the head; 0: none is, and each look is a query.
    pub memory_capacity: usize,
    /// Longest time that a look at the present waits for the database.
    pub look_timeout: Duration,
    /// Recent events kept in memory for followers.
    pub recent_capacity: usize,
    /// How often a command is decided again after losing to a concurrent one.
    pub conflict_retries: u32,
    /// How often the head is asked for, besides being told of it.
    pub head_poll_interval: Duration,
    /// Longest time to wait for the answer to a question as small as where the head is.
    pub answer_within: Duration,
    /// Told of what this process appends.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self {
            application_name: "chancery ledger".to_owned(),
            queue_capacity: 4096,
            max_batch: 128,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            idle_in_transaction_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(3),
            unavailable_after: Duration::from_secs(5),
            memory_capacity: 32_768,
            look_timeout: Duration::from_secs(5),
            recent_capacity: 8_192,
            conflict_retries: 8,
            head_poll_interval: Duration::from_secs(1),
            answer_within: Duration::from_secs(3),
            observer: None,
        }
    }
}
