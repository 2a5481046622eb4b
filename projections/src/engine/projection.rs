//! What a projection is.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chancery_ledger::RecordedEvent;
use sqlx::PgConnection;

use super::error::ApplyError;

/// The name of a projection: lower-case letters, digits and underscores. Its tables live in the schema
/// `projection_<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectionName(&'static str);

impl ProjectionName {
    /// Names a projection. A name of other characters is refused when the engine starts.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name's text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the name can be a part of a schema's name: 1 to 40 characters of `a-z`, `0-9` and `_`.
    pub(super) fn is_valid(self) -> bool {
        (1..=40).contains(&self.0.len())
            && self
                .0
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }
}

impl fmt::Display for ProjectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A read model: tables, and how events change them.
///
/// It must be deterministic: the same events give the same bytes, however they are cut into batches. So only what an
/// event carries goes into a row, never a clock or a random value, and `apply` reads no tables but its own.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// Its name.
    fn name(&self) -> ProjectionName;

    /// Version of its tables and of `apply`. Another number makes the engine rebuild it at start-up.
    fn version(&self) -> i32;

    /// SQL that creates its tables in an empty schema, names unqualified.
    fn tables(&self) -> &'static str;

    /// SQL that creates those indexes that queries need and `apply` does without: a rebuild makes them when the bulk is in.
    fn indexes(&self) -> &'static str {
        ""
    }

    /// The aggregate types whose events it wants.
    fn aggregate_types(&self) -> &'static [&'static str];

    /// Whether decisions rest on its rows, such as whether a token is good. No query of any projection is answered before those
    /// have caught up with the log; others are only behind.
    fn decides(&self) -> bool {
        true
    }

    /// Applies events, in order of position, all of the wanted aggregate types. Names resolve to the projection's own
    /// schema. The connection is in a transaction that the engine commits; an error undoes the whole batch.
    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError>;
}

/// The events of a batch that a projection wants.
pub(super) fn relevant(
    projection: &dyn Projection,
    batch: &[Arc<RecordedEvent>],
) -> Vec<Arc<RecordedEvent>> {
    let wanted = projection.aggregate_types();
    batch
        .iter()
        .filter(|event| wanted.contains(&event.aggregate_type.as_str()))
        .cloned()
        .collect()
}
