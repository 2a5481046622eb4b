//! The parsers of what is handed out of the ledger and comes back: exports, checkpoints, paths of tiles; and the canonical text of what
//! is recorded.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod canonical;
mod checkpoint;
mod export;
mod tile;
