//! What the black-box tests stand on: a real server process on a database of its own, and people and clients that use it.
#![allow(dead_code, reason = "every test program uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test helper that cannot go on fails the test"
)]
#![allow(unused_imports, reason = "every test program uses a part of this")]

mod answer;
mod cli;
mod events;
mod license;
mod oauth2;
mod params;
mod people;
mod recorder;
mod server;
mod session;

pub use answer::Answer;
pub use cli::{Ran, chancery, chancery_reading, chancery_with};
pub use events::EventCounts;
pub use license::{claims, license, license_keys, license_with};
pub use oauth2::{App, Pkce, Tokens};
pub use params::Params;
pub use people::{NOT_FOUND, UNKNOWN};
pub use recorder::Recorder;
pub use server::Server;
pub use session::Session;

/// Password of every person the tests make.
pub const PASSWORD: &str = "Correct-Horse-Battery-9";
/// E-mail address of the first user.
pub const OWNER_EMAIL: &str = "owner@example.com";
/// User name of the first user.
pub const OWNER_NAME: &str = "owner";
/// A resource that is not the server itself.
pub const RESOURCE: &str = "https://tools.example.com/mcp";
