//! The projection engine: follows the ledger and keeps the read models' tables.
//!
//! * A follower per projection reads the ledger by position, applies the events of its aggregate types and advances its
//!   checkpoint, all in one transaction: exactly once, whatever dies.
//! * Any number of replicas may follow: they serialise on the checkpoint row, and the one that comes second finds the
//!   position moved and goes on from there.
//! * An event that cannot be applied stops its projection at that event and nothing else. Nothing is skipped.
//! * A rebuild fills shadow schemas beside the live ones, several projections in one pass over the log, and swaps each in one
//!   short transaction.
//!   When the program's version of a projection differs from the tables', the rebuild starts by itself; until its swap the
//!   old tables stay readable but frozen, and waiting for the projection answers [`Behind`] at once.

mod apply;
mod as_of;
mod checkpoint;
mod config;
mod connection;
mod error;
mod follower;
mod following;
mod incarnation;
mod lock;
mod mark;
mod pass;
mod pool;
mod projection;
mod projections;
mod rebuild;
mod replay_all;
mod schema;
mod schema_name;
mod shadow;
mod start;
mod status;
mod swap;
mod verify;

pub use as_of::AsOf;
pub use config::Config;
pub(crate) use error::is_transient;
pub use error::{ApplyError, Behind, ProjectionError, RebuildError, StartError};
pub use projection::{Projection, ProjectionName};
pub use projections::Projections;
pub use rebuild::Progress;
pub use replay_all::{ReplayAllError, dump_schema, replay_all};
pub use schema_name::{InvalidSchemaName, SchemaName};
pub use status::{ProjectionStatus, State, StoppedAt};
pub use verify::{Comparison, Difference};
