//! Daemons at the other end of the wire: well behaved, broken, hostile, and one that is a program on other libraries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod acquire;
mod calls;
mod codec;
mod daemon;
mod files;
#[allow(dead_code, reason = "what only the tests of the server need")]
mod program;
mod sessions;
mod support;
