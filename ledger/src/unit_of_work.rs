use std::any::Any;

use crate::execute::{Basis, add_events};
use crate::sequencer::Append;
use crate::{
    AppendError, CommandContext, EventSourced, ExecuteError, Ledger, Position, StreamType,
};

/// Commands on several streams whose events are recorded together or not at all.
///
/// Each command is decided when [`execute`](Self::execute) is called, and sees what earlier commands of the unit
/// decided. The append then holds only if none of the streams looked at has changed since; a conflict is the caller's
/// to retry with a new unit.
pub struct UnitOfWork {
    ledger: Ledger,
    context: CommandContext,
    append: Option<Append>,
    streams: Vec<Box<dyn UnitStream>>,
}

struct Decided<A: EventSourced> {
    id: String,
    aggregate: A,
    /// The sequence the unit found the stream at.
    found: i64,
    /// The sequence after the unit's events.
    sequence: i64,
    stream_type: StreamType<A>,
}

trait UnitStream: Any + Send + Sync {
    fn as_any(&mut self) -> &mut dyn Any;
    /// The stream's type, if the unit has events for it.
    fn written_type(&self) -> Option<&'static str>;
    fn appended(&self, ledger: &Ledger);
    fn forget(&self, ledger: &Ledger);
}

impl<A: EventSourced> UnitStream for Decided<A> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn written_type(&self) -> Option<&'static str> {
        (self.sequence > self.found).then_some(A::TYPE)
    }

    fn appended(&self, ledger: &Ledger) {
        if self.sequence > self.found {
            ledger.appended(
                &self.stream_type,
                &self.id,
                self.found,
                self.sequence,
                &self.aggregate,
            );
        }
    }

    fn forget(&self, ledger: &Ledger) {
        ledger.0.cache.forget(A::TYPE, &self.id);
    }
}

impl Ledger {
    /// Begins a unit of work.
    pub fn unit_of_work(&self, context: &CommandContext) -> UnitOfWork {
        UnitOfWork {
            ledger: self.clone(),
            context: context.clone(),
            append: None,
            streams: Vec::new(),
        }
    }
}

impl UnitOfWork {
    /// Decides a command; nothing is recorded before [`commit`](Self::commit). Returns the aggregate after it.
    pub async fn execute<A: EventSourced>(
        &mut self,
        id: &str,
        command: A::Command,
    ) -> Result<A, ExecuteError<A::Error>> {
        let basis = self.ledger.remembered(id);
        self.execute_on(id, command, basis).await
    }

    /// Like [`execute`](Self::execute) for a stream believed to be new: nothing is loaded, and the commit conflicts if
    /// the stream exists.
    pub async fn execute_new<A: EventSourced>(
        &mut self,
        id: &str,
        command: A::Command,
    ) -> Result<A, ExecuteError<A::Error>> {
        let basis = Basis {
            aggregate: A::default(),
            sequence: 0,
            fresh: false,
        };
        self.execute_on(id, command, Some(basis)).await
    }

    async fn execute_on<A: EventSourced>(
        &mut self,
        id: &str,
        command: A::Command,
        basis: Option<Basis<A>>,
    ) -> Result<A, ExecuteError<A::Error>> {
        let stream_type = self.ledger.0.types.get::<A>()?.clone();
        let known = self
            .streams
            .iter_mut()
            .filter_map(|stream| stream.as_any().downcast_mut::<Decided<A>>())
            .find(|stream| stream.id == id);
        let own = known.as_ref().map(|stream| Basis {
            aggregate: stream.aggregate.clone(),
            sequence: stream.sequence,
            fresh: true,
        });
        let (before, (aggregate, events)) = self.ledger.decide(id, command, own.or(basis)).await?;

        let append = match self.append.as_mut() {
            Some(append) => append,
            None => self.append.insert(Append::new(&self.context)?),
        };
        if known.is_none() {
            append.expect(A::TYPE, id, before)?;
        }
        add_events(append, &stream_type, id, before, &events)?;
        let sequence = before + i64::try_from(events.len()).unwrap_or(i64::MAX);
        if let Some(stream) = known {
            stream.aggregate = aggregate.clone();
            stream.sequence = sequence;
        } else {
            self.streams.push(Box::new(Decided {
                id: id.to_owned(),
                aggregate: aggregate.clone(),
                found: before,
                sequence,
                stream_type,
            }));
        }
        Ok(aggregate)
    }

    /// The types of the streams that the unit has events for, each once or more.
    pub fn written_types(&self) -> Vec<&'static str> {
        let streams = self.streams.iter();
        streams.filter_map(|stream| stream.written_type()).collect()
    }

    /// Records the unit's events. Returns the position of the last, or `None` when there are none.
    pub async fn commit(self) -> Result<Option<Position>, AppendError> {
        let Some(append) = self.append.filter(|append| !append.events.is_empty()) else {
            return Ok(None);
        };
        match self.ledger.0.sequencer.append(append).await {
            Ok(recorded) => {
                for stream in &self.streams {
                    stream.appended(&self.ledger);
                }
                Ok(recorded.last().map(|event| event.position))
            }
            Err(error) => {
                for stream in &self.streams {
                    stream.forget(&self.ledger);
                }
                Err(error)
            }
        }
    }
}
