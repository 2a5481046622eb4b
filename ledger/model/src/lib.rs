//! A model of the ledger's protocol: append, follow, look up, crash, fail over.
//!
//! Two servers share one database, which may have a standby. Clients exchange one code at both servers, revoke the token that came
//! of it, and create things that have nothing to do with it. [`Protocol`] says what servers and machines may do next;
//! `stateright` walks every order in which they may do it and holds the properties against each state.
//!
//! What is modelled, and where:
//! * [`database`]: what is visible, what a crash leaves, what the standby has; a commit that waits for the standby.
//! * [`server`]: what a process remembers, its one append under way, its follower, its look-ups.
//! * [`protocol`] and `steps`: what may happen next. Each step is atomic in the program, too: one statement, or code without an await.
//! * `properties`: what must hold, named like the columns of `docs/reliability.md`.
//! * [`Bug`]: rules of the protocol that can be left out, to see that the model notices.
//!
//! A hash of the chain stands for all that came before it, so the model has none: where the program compares a position and its
//! hash, the model compares histories. What it leaves out: batches, time, and a former primary that goes on serving
//! (a promoted standby's predecessor has to be fenced; no protocol of its clients can make up for that).

pub mod database;
mod properties;
pub mod protocol;
pub mod server;
mod steps;

/// Where commits go besides the primary's own disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// A commit is answered when the standby has it.
    Synchronous,
    /// A commit is answered when the primary's disk has it; a failover may lose the last ones.
    Asynchronous,
}

/// A rule of the protocol that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Look-ups and revocations believe a read model's row alone, once the follower of this process has come far enough by its own
    /// memory.
    RowsAlone,
    /// A commit that a lost connection left unknown is answered as soon as it is visible, without waiting for the standby.
    VisibleIsDurable,
    /// Followers apply what this process remembers without holding it against the log.
    MemoryIsTheLog,
    /// Look-ups believe what this process remembers without asking the database for the head.
    MemoryIsTheHead,
    /// The append compares the head's position and not its hash.
    PositionIsTheHead,
    /// An append whose stream has the expected length is made, though what it was decided on is gone.
    LengthIsTheStream,
    /// "Nothing to do" is answered on what is visible, without waiting for the standby.
    NothingNeedsNoStandby,
}

/// The protocol with its bounds.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// What the clients of each server ask of it, in order.
    pub plan: [&'static [server::Command]; 2],
    /// The standby's mode.
    pub standby: Standby,
    /// How often the primary may crash and recover from its disk.
    pub crashes: u8,
    /// How often the standby may be promoted.
    pub failovers: u8,
    /// How often a server may be killed and started again.
    pub kills: u8,
    /// The rule that is left out, if any.
    pub bug: Option<Bug>,
}

impl Protocol {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}
