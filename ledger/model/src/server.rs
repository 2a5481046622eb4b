//! A server process.

use crate::database::{Event, Grant, History, Image, Kind};
use crate::{Bug, Protocol};

/// What a client asks for. A command's place in the plan gives its append id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Exchange the code for a token.
    Exchange,
    /// End the token that an exchange was answered with.
    Revoke,
    /// Record something in another stream.
    Create,
}

impl Command {
    /// The event it records.
    pub fn kind(self) -> Kind {
        match self {
            Command::Exchange => Kind::Exchanged,
            Command::Revoke => Kind::Revoked,
            Command::Create => Kind::Other,
        }
    }

    /// Whether it records something, decided on `history`. `token` is the one to revoke.
    pub fn records(self, history: &[Event], token: Option<u8>) -> bool {
        let grant = Grant::after(history);
        match self {
            Command::Exchange => grant.token.is_none(),
            Command::Revoke => token.is_some_and(|token| grant.accepts(token)),
            Command::Create => true,
        }
    }
}

/// Where a server is with its current command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Step {
    /// Between commands.
    #[default]
    Idle,
    /// About to decide, or to decide again.
    Deciding,
    /// The append is sent, with what it was decided on.
    Sent(History),
    /// The append is on the primary's disk and waits for the standby.
    Waiting,
    /// The database answered that the append is made.
    Appended(Event),
    /// The connection was lost: the append may be made or not.
    Unknown,
    /// What is to be answered rests on this history, which the standby may not have yet. With the append's event, if it has one.
    Confirming(History, Option<Event>),
}

/// A server process.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Server {
    /// What it remembers of the log: its head, its recent events, the state folded from them.
    pub memory: History,
    /// How many commands of its plan it has begun.
    pub begun: u8,
    /// Where it is with the last of them.
    pub step: Step,
    /// The token that its current command is about.
    pub token: Option<u8>,
    /// Where its follower takes the row to stand. Only used with [`Bug::RowsAlone`].
    pub mark: u8,
}

impl Server {
    /// Whether `token` is taken for live, asking the database and what is remembered.
    pub fn look_up(&self, protocol: &Protocol, database: &Image, token: u8) -> bool {
        let log = &database.log;
        let row = database.row;
        if protocol.has(Bug::RowsAlone) {
            return row.grant.accepts(token);
        }
        // What is remembered counts if it is what the database has, up to its head.
        let confirmed = self.memory == *log || protocol.has(Bug::MemoryIsTheHead);
        if confirmed && !self.memory.is_empty() {
            return Grant::after(&self.memory).accepts(token);
        }
        // A miss: the row, and the events after its checkpoint, in one snapshot.
        let newer = log.iter().skip(usize::from(row.checkpoint)).copied();
        newer.fold(row.grant, Grant::apply).accepts(token)
    }

    /// Remembers an append of its own, if that follows on what it remembers.
    pub fn remember(&mut self, event: Event) {
        if follows(&self.memory, event) {
            self.memory.push(event);
        }
    }
}

/// Whether `event` comes next after `history`, by position and hash.
pub fn follows(history: &[Event], event: Event) -> bool {
    event == next(history, event.append, event.kind)
}

/// The event that comes next after `history`.
pub fn next(history: &[Event], append: u8, kind: Kind) -> Event {
    let before = history.last();
    Event {
        position: before.map_or(0, |event| event.position) + 1,
        parent: before.map(|event| event.append),
        append,
        kind,
    }
}

/// The length and the last event of the stream that `kind` belongs to; `None` for a new stream.
pub fn last_of_stream(history: &[Event], kind: Kind) -> Option<(usize, Event)> {
    let other = kind == Kind::Other;
    let stream = history
        .iter()
        .filter(|event| (event.kind == Kind::Other) == other);
    stream.copied().enumerate().last()
}
