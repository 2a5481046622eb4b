//! Breaks machines under a running Chancery, and holds what clients were told against what is true afterwards.
//!
//! A [`Campaign`] runs rounds of one [`Fault`]: a [`Load`](load::Load) of clients asks servers over HTTP, each answer goes into a
//! [`History`](history::History), the fault is injected and ends, every server has to serve again, and then [`check`](check::check)
//! finds contradictions in the history while the program's own commands verify log and read models.
//! `docs/reliability.md` explains the columns and holds figures.

pub mod api;
mod campaign;
pub mod check;
pub mod database;
pub mod deployment;
mod failover;
mod fault;
mod first_start;
pub mod history;
pub mod load;
mod process;
pub mod proxy;
mod quiet_crash;
pub mod report;
pub mod round;
pub mod server;

pub use campaign::{Campaign, leaks};
pub use fault::Fault;
