//! The parsers of what HTTP brings: forms and queries, headers, cookies, bodies. Each target says what must be true of the answer in
//! other words than the parser does, mostly by what another reader makes of the same text.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod authorization;
mod basic;
mod cookie;
mod form;
mod json;
mod moment;
mod query;
mod search;
