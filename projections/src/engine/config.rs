//! Settings of the engine.

use std::time::Duration;

/// Settings of the engine; [`Default`] suits a server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether to follow the ledger. A command-line tool that only shows the status or rebuilds sets `false`; such an
    /// instance never advances a live checkpoint and does not create missing tables.
    pub follow: bool,
    /// Events read and applied at once by a follower.
    pub batch: usize,
    /// Events read and applied at once by a rebuild.
    pub rebuild_batch: usize,
    /// How long events may gather while nobody waits for them: many in one transaction cost little more than one.
    pub linger: Duration,
    /// Positions that a checkpoint row may trail when the events since do not concern its projection.
    pub lazy_positions: i64,
    /// How long [`Projections::wait_for`](super::Projections::wait_for) waits.
    pub wait: Duration,
    /// How often an idle follower makes sure that its session is alive and its checkpoint row where it was left.
    pub poll: Duration,
    /// Longest time that the database may take to answer a question as small as where a projection stands.
    pub answer_within: Duration,
    /// Longest time that the database may take to apply a batch. After a longer one a follower tries a smaller batch.
    pub apply_within: Duration,
    /// A rebuild in the background that makes no progress for so long is given up, and begun anew.
    pub stalled_after: Duration,
    /// Longest pause between attempts while the database cannot be reached.
    pub longest_backoff: Duration,
    /// Connections in the pool that answers queries.
    pub connections: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            follow: true,
            batch: 1000,
            rebuild_batch: 5000,
            linger: Duration::from_millis(50),
            lazy_positions: 1000,
            wait: Duration::from_secs(5),
            poll: Duration::from_secs(2),
            answer_within: Duration::from_secs(5),
            apply_within: Duration::from_secs(20),
            // Making the indexes of large tables takes its time, and shows no progress.
            stalled_after: Duration::from_hours(1),
            longest_backoff: Duration::from_secs(5),
            connections: 16,
        }
    }
}
