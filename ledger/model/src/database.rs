//! The database: what is visible, what its disk has, what the standby has.

/// A recorded event. Its stream is the grant, but for [`Kind::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event {
    /// Place in the log, as whoever made the event computed it.
    pub position: u8,
    /// The append before it, as whoever made the event knew it; `None` for the first.
    pub parent: Option<u8>,
    /// The append that recorded it.
    pub append: u8,
    /// What happened.
    pub kind: Kind,
}

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The code was exchanged; the append's id is the token.
    Exchanged,
    /// The grant, and so its token, was ended.
    Revoked,
    /// Something happened in another stream.
    Other,
}

/// The log, or as much of it as somebody knows.
pub type History = Vec<Event>;

/// The grant's state: a fold of its events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The token, once the code is exchanged.
    pub token: Option<u8>,
    /// Whether the grant was ended.
    pub revoked: bool,
}

impl Grant {
    /// The state after all of `history`.
    pub fn after(history: &[Event]) -> Self {
        history.iter().copied().fold(Self::default(), Self::apply)
    }

    /// The state after one more event.
    #[must_use]
    pub fn apply(self, event: Event) -> Self {
        match event.kind {
            Kind::Exchanged => Self {
                token: Some(event.append),
                ..self
            },
            Kind::Revoked => Self {
                revoked: true,
                ..self
            },
            Kind::Other => self,
        }
    }

    /// Whether `token` works.
    pub fn accepts(self, token: u8) -> bool {
        self.token == Some(token) && !self.revoked
    }
}

/// The read model's row of the grant, with its checkpoint; they change in one transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Row {
    /// The last position that was applied.
    pub checkpoint: u8,
    /// The grant as of then.
    pub grant: Grant,
}

/// The database's content at a point of its write-ahead log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Image {
    /// The events.
    pub log: History,
    /// The read model.
    pub row: Row,
}

/// A commit that is on the primary's disk and waits for the standby. It holds the lock on the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pending {
    /// Its event.
    pub event: Event,
    /// The server whose session waits for the answer, if it still does.
    pub session: Option<usize>,
}

/// The primary and its standby.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Database {
    /// What other sessions see.
    pub visible: Image,
    /// What a crash leaves. Appends get here before they are visible, rows some time after.
    pub disk: Image,
    /// What a failover leaves: an earlier state of `disk`.
    pub standby: Image,
    /// The commit that waits for the standby.
    pub pending: Option<Pending>,
}

impl Database {
    /// The write-ahead log reaches the disk: the rows' changes, and an append's event if it brought one.
    pub fn flush(&mut self, event: Option<Event>) {
        self.disk.row = self.visible.row;
        self.disk.log.extend(event);
    }

    /// The pending commit becomes visible: the standby confirmed it, or its session was ended and waits no more.
    pub fn finish_pending(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.visible.log.push(pending.event);
        }
    }

    /// The primary dies and recovers. A commit that waited for the standby is visible after that.
    pub fn crash(&mut self) {
        self.visible = self.disk.clone();
        self.pending = None;
    }

    /// The standby takes over, and has a standby of its own from then on.
    pub fn fail_over(&mut self) {
        self.disk = self.standby.clone();
        self.crash();
    }
}
