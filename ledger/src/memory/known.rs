//! What is remembered, as plain data: no database, no waiting.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

use chancery_noun::UniqueKey;
use lru::LruCache;

use super::part::{Head, Holder, Stream, StreamName};
use crate::{Position, RecordedEvent, StreamTypes};

/// What came of events that were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// They are part of what is known.
    All,
    /// Events between the head and them are missing.
    Gap,
    /// What is known has gone so far beyond them that nobody can tell whether they are part of it.
    TooOld,
    /// They contradict what is known: the log is not the one that was remembered.
    Diverged,
}

/// Streams and keys as they are at one head. Whatever is not in it is unknown, not absent.
pub(crate) struct Known {
    /// Which history of the log all this is of.
    history: u64,
    /// `None`: not known.
    head: Option<Head>,
    /// The newest events, contiguous and ending at the head.
    recent: VecDeque<Arc<RecordedEvent>>,
    recent_capacity: usize,
    streams: Option<LruCache<StreamName, Stream>>,
    keys: Option<LruCache<String, Option<StreamName>>>,
    families: Option<LruCache<String, BTreeMap<String, StreamName>>>,
}

impl Known {
    /// Knows the head alone. `capacity`: streams, keys and families kept, each; 0: none.
    pub fn new(history: u64, head: Head, capacity: usize, recent_capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity);
        Self {
            history,
            head: Some(head),
            recent: VecDeque::new(),
            recent_capacity,
            streams: capacity.map(LruCache::new),
            keys: capacity.map(LruCache::new),
            families: capacity.map(LruCache::new),
        }
    }

    pub fn history(&self) -> u64 {
        self.history
    }

    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Drops everything: the log has another history than the one that was remembered.
    pub fn begin(&mut self, history: u64) {
        self.history = history;
        self.head = None;
        self.recent.clear();
        self.forget();
    }

    /// Drops everything and goes on from a head.
    pub fn restart(&mut self, head: Head) {
        self.head = Some(head);
        self.recent.clear();
        self.forget();
    }

    /// Drops what is known of streams and keys.
    pub fn forget(&mut self) {
        if let Some(streams) = &mut self.streams {
            streams.clear();
        }
        if let Some(keys) = &mut self.keys {
            keys.clear();
        }
        if let Some(families) = &mut self.families {
            families.clear();
        }
    }

    pub fn stream(&mut self, name: &StreamName) -> Option<Stream> {
        self.streams.as_mut()?.get(name).cloned()
    }

    /// The stream's last sequence, 0 when it is known not to exist.
    pub fn sequence(&self, name: &StreamName) -> Option<i64> {
        self.streams
            .as_ref()?
            .peek(name)
            .map(|stream| stream.sequence)
    }

    /// Who holds a key; `None`: not known.
    pub fn holder(&mut self, key: &str) -> Option<Holder> {
        self.keys.as_mut()?.get(key).cloned()
    }

    /// All keys of a family that are held, and by whom.
    pub fn family(&mut self, family: &str) -> Option<BTreeMap<String, StreamName>> {
        self.families.as_mut()?.get(family).cloned()
    }

    /// Goes on by events, in order. Those up to the head are known already.
    pub fn apply(&mut self, types: &StreamTypes, events: &[Arc<RecordedEvent>]) -> Applied {
        for event in events {
            let Some(head) = self.head else {
                return Applied::Gap;
            };
            if event.position <= head.position {
                match self.known_hash(event.position) {
                    None => return Applied::TooOld,
                    Some(hash) if hash != event.hash => return Applied::Diverged,
                    Some(_) => continue,
                }
            }
            if event.position != head.position.next() {
                return Applied::Gap;
            }
            self.head = Some(Head {
                position: event.position,
                hash: event.hash,
                recorded_at: event.recorded_at,
            });
            self.evolve(types, event);
            if self.recent.len() >= self.recent_capacity {
                self.recent.pop_front();
            }
            self.recent.push_back(Arc::clone(event));
        }
        Applied::All
    }

    /// The hash of the event at a known position; `None`: it is too old.
    fn known_hash(&self, position: Position) -> Option<[u8; 32]> {
        let mut recent = self.recent_after(Position(position.0 - 1))?;
        recent.next().map(|event| event.hash)
    }

    /// The events after a position up to the head; `None`: some of them are too old.
    fn recent_after(&self, after: Position) -> Option<impl Iterator<Item = &Arc<RecordedEvent>>> {
        let first = match self.recent.front() {
            Some(event) => event.position,
            None => self.head?.position.next(),
        };
        let skip = usize::try_from(after.next().0 - first.0).ok()?;
        Some(self.recent.iter().skip(skip))
    }

    fn evolve(&mut self, types: &StreamTypes, event: &RecordedEvent) {
        let Some(Ok(changes)) = types.known_keys(event) else {
            // An event that this program does not know may have changed anything.
            return self.forget();
        };
        let name = StreamName::new(&*event.aggregate_type, &*event.aggregate_id);
        for change in changes {
            self.change_key(&name, change);
        }
        let Some(streams) = &mut self.streams else {
            return;
        };
        let before = match streams.pop(&name) {
            Some(stream) => Some(stream),
            None if event.sequence == 1 => types
                .initial(&event.aggregate_type)
                .map(|state| Stream { state, sequence: 0 }),
            None => None,
        };
        if let Some(stream) = before
            && stream.sequence + 1 == event.sequence
            && let Ok(state) = stream.state.after(event)
        {
            let sequence = event.sequence;
            streams.put(name, Stream { state, sequence });
        }
    }

    fn change_key(&mut self, stream: &StreamName, change: UniqueKey) {
        let (Some(keys), Some(families)) = (&mut self.keys, &mut self.families) else {
            return;
        };
        match change {
            UniqueKey::Take(key) | UniqueKey::Seize(key) => {
                if let Some(family) = families.peek_mut(family_of(&key)) {
                    family.insert(key.clone(), stream.clone());
                }
                keys.put(key, Some(stream.clone()));
            }
            UniqueKey::Free(key) => {
                if let Some(family) = families.peek_mut(family_of(&key))
                    && family.get(&key) == Some(stream)
                {
                    family.remove(&key);
                }
                if let Some(holder) = keys.peek_mut(&key)
                    && holder.as_ref() == Some(stream)
                {
                    *holder = None;
                }
            }
            UniqueKey::Require(_) => {}
        }
    }

    /// Takes in a stream that was read at `read_at`. Returns it as it is now; `None`: what happened since is not known.
    pub fn learn_stream(
        &mut self,
        types: &StreamTypes,
        name: &StreamName,
        mut stream: Stream,
        read_at: Position,
    ) -> Option<Stream> {
        for event in self.since(read_at)? {
            if event.aggregate_type != name.aggregate_type
                || event.aggregate_id != name.aggregate_id
            {
                continue;
            }
            if event.sequence != stream.sequence + 1 || types.known_keys(&event).is_none() {
                return None;
            }
            stream = Stream {
                state: stream.state.after(&event).ok()?,
                sequence: event.sequence,
            };
        }
        if let Some(streams) = &mut self.streams {
            streams.put(name.clone(), stream.clone());
        }
        Some(stream)
    }

    /// Takes in a key's holder that was read at `read_at`. Returns whose it is now; `None`: what happened since is not known.
    pub fn learn_holder(
        &mut self,
        types: &StreamTypes,
        key: &str,
        mut holder: Holder,
        read_at: Position,
    ) -> Option<Holder> {
        for event in self.since(read_at)? {
            let name = StreamName::new(&*event.aggregate_type, &*event.aggregate_id);
            for change in types.known_keys(&event)?.ok()? {
                match change {
                    UniqueKey::Take(taken) | UniqueKey::Seize(taken) if taken == key => {
                        holder = Some(name.clone());
                    }
                    UniqueKey::Free(freed) if freed == key && holder.as_ref() == Some(&name) => {
                        holder = None;
                    }
                    _ => {}
                }
            }
        }
        if let Some(keys) = &mut self.keys {
            keys.put(key.to_owned(), holder.clone());
        }
        Some(holder)
    }

    /// Takes in a family that was read at `read_at`, unless something happened since.
    pub fn learn_family(
        &mut self,
        family: &str,
        members: &BTreeMap<String, StreamName>,
        read_at: Position,
    ) {
        if self.head.is_some_and(|head| head.position == read_at)
            && let Some(families) = &mut self.families
        {
            families.put(family.to_owned(), members.clone());
        }
    }

    /// The events since a position; `None` when they are too old, or when the position is still to come.
    fn since(&self, position: Position) -> Option<Vec<Arc<RecordedEvent>>> {
        if position > self.head?.position {
            return None;
        }
        Some(self.recent_after(position)?.cloned().collect())
    }
}

/// The family of a key: everything up to its last colon, for example `organization_member:<user>:`.
pub(crate) fn family_of(key: &str) -> &str {
    key.rfind(':').map_or("", |colon| &key[..=colon])
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::EventMetadata;

    fn event(position: i64, hash: u8) -> Arc<RecordedEvent> {
        Arc::new(RecordedEvent {
            position: Position(position),
            recorded_at: DateTime::UNIX_EPOCH,
            append_id: Uuid::nil(),
            aggregate_type: "thing".to_owned(),
            aggregate_id: position.to_string(),
            sequence: 1,
            event_type: "made".to_owned(),
            event_version: "1.0".to_owned(),
            payload: Value::Null,
            metadata: EventMetadata::default(),
            hash: [hash; 32],
        })
    }

    #[test]
    fn an_event_that_is_too_old_to_be_compared_is_neither_known_nor_another() {
        let head = Head {
            position: Position::START,
            hash: [0; 32],
            recorded_at: DateTime::UNIX_EPOCH,
        };
        let mut known = Known::new(0, head, 10, 3);
        let mut apply = |event| known.apply(&StreamTypes::new(), &[event]);
        for position in 1..=5 {
            assert_eq!(apply(event(position, 1)), Applied::All);
        }
        for (position, hash, applied) in [
            (2, 1, Applied::TooOld),
            (2, 2, Applied::TooOld),
            (3, 1, Applied::All),
            (3, 2, Applied::Diverged),
            (7, 1, Applied::Gap),
        ] {
            assert_eq!(apply(event(position, hash)), applied, "{position} {hash}");
        }
    }
}
