//! Follows a chain link by link and names the first that does not belong.

use super::Fault;
use crate::Position;
use crate::chain::Entry;

/// What the chain needs to know of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub position: Position,
    pub entry: Entry,
    pub hash: [u8; 32],
}

/// Where the chain stands, and a link that does not belong: what follows it tells why.
pub(crate) struct Checker {
    pub last: Position,
    pub hash: [u8; 32],
    pub events: u64,
    suspect: Option<Suspect>,
}

enum Suspect {
    /// Another position than the next one.
    Gap,
    /// Another hash than the one computed.
    Mismatch { link: Link, expected: [u8; 32] },
}

impl Checker {
    /// After a position and the hash there.
    pub fn new((last, hash): (Position, [u8; 32])) -> Self {
        Self {
            last,
            hash,
            events: 0,
            suspect: None,
        }
    }

    /// Whether the last link did not belong, and one more decides why.
    pub fn is_suspicious(&self) -> bool {
        self.suspect.is_some()
    }

    /// Takes the next link; `true` when the chain grew by it.
    pub fn push(&mut self, link: Link) -> Result<bool, (Position, Fault)> {
        let position = self.last.next();
        if let Some(suspect) = self.suspect.take() {
            return Err((position, suspect.classify(position, Some(&link), None)));
        }
        if link.position < position {
            return Err((position, Fault::Displaced));
        }
        if link.position > position {
            self.suspect = Some(Suspect::Gap);
            return Ok(false);
        }
        let expected = link.entry.link(&self.hash);
        if expected != link.hash {
            self.suspect = Some(Suspect::Mismatch { link, expected });
            return Ok(false);
        }
        self.last = position;
        self.hash = link.hash;
        self.events += 1;
        Ok(true)
    }

    /// There are no more links; `last` is the position that should have been reached, `end` the hash of the whole log's
    /// last event where it ends here.
    pub fn finish(&self, last: Position, end: Option<&[u8; 32]>) -> Result<(), (Position, Fault)> {
        let position = self.last.next();
        match &self.suspect {
            Some(suspect) => Err((position, suspect.classify(position, None, end))),
            None if self.last < last => Err((position, Fault::Removed)),
            None => Ok(()),
        }
    }
}

impl Suspect {
    fn classify(&self, position: Position, next: Option<&Link>, end: Option<&[u8; 32]>) -> Fault {
        let (link, expected) = match self {
            Self::Gap if next.is_some_and(|next| next.position == position) => {
                return Fault::Displaced;
            }
            Self::Gap => return Fault::Removed,
            Self::Mismatch { link, expected } => (link, expected),
        };
        let continues = |hash: [u8; 32]| match next {
            Some(next) => next.entry.link(&hash) == next.hash,
            None => end == Some(&hash),
        };
        if continues(link.hash) {
            Fault::Changed
        } else if continues(*expected) {
            Fault::HashChanged
        } else {
            Fault::Displaced
        }
    }
}
