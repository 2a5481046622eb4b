//! PostgreSQL run by the program itself: a private cluster in the data directory, on a private socket.
//!
//! ```text
//! <data_dir>/postgres/          the cluster (initdb's directory)
//! <data_dir>/postgres.log       PostgreSQL's own log; the one before it, when it grew large, is postgres.log.1
//! <data_dir>/socket/            the socket's directory, 0700; elsewhere when its path would be too long for a socket,
//!                               and then <data_dir>/socket.path says where
//! <data_dir>/start.lock         held while one process makes, starts or stops the cluster
//! <data_dir>/users.lock         held, shared, by every process that uses the cluster
//! ```
//!
//! Any number of processes may call [`Embedded::start`] on one data directory. The first starts PostgreSQL, the others
//! attach to it, and the last one that calls [`Embedded::stop`] stops it. A process that is killed leaves PostgreSQL
//! running; the next start attaches to it. When PostgreSQL dies, whichever process notices first starts it again.
//!
//! Every role is trusted on the socket without a password: who may enter the socket's directory (the user that runs the
//! server, and root) may do everything. A running server uses a role that is no superuser, so that nothing it can be talked
//! into touches what is recorded but by the append.

mod binaries;
mod cluster;
mod embedded;
mod error;
mod identity;
mod initialise;
mod lock;
mod postmaster;
mod presence;
mod socket;
mod supervisor;
pub mod testing;

pub use embedded::{Embedded, Settings, default_data_dir};
pub use error::{StartError, StopError};
