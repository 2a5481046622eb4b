//! What a provisioner daemon and the server say to each other.
//!
//! A daemon opens one connection, whose bytes are a yamux session in which it is the client. Each call is a yamux stream of
//! its own with one dRPC connection in it ([`drpc`]), and carries protobuf messages ([`proto`]) of the service
//! `provisionerd.ProvisionerDaemon`. [`serve`] takes such a connection and has a [`Service`] answer its calls; what a job is,
//! and whose, only the service knows.
//!
//! Everything that a daemon can make the server hold is bounded: a message by [`drpc::MAX_PACKET`], the calls of a session and
//! the time they take by [`Limits`].

mod binary;
mod dispatch;
mod download;
pub mod drpc;
pub mod proto;
mod rpc_error;
mod service;
mod session;
mod upload;
mod version;

pub use binary::byte_stream;
pub use dispatch::answer;
pub use download::Download;
pub use rpc_error::RpcError;
pub use service::{Limits, Service, Undelivered, UploadSink};
pub use session::{End, serve};
pub use upload::{Upload, UploadError};
pub use version::{ApiVersion, VersionError};
