use std::any::Any;
use std::sync::Arc;

use chancery_noun::{Folded, Life, Noun};

use crate::execute::{Basis, add_events};
use crate::sequencer::Append;
use crate::{
    AppendError, CommandContext, ExecuteError, Ledger, Position, RecordedEvent, Seen, Unrecordable,
};

/// Commands on several streams whose events are recorded together or not at all.
///
/// Each command is decided when [`execute`](Self::execute) is called, and sees what earlier commands of the unit
/// decided. The append then holds only if none of the streams looked at has changed since; a conflict is the caller's
/// to retry with a new unit.
pub struct UnitOfWork {
    ledger: Ledger,
    context: CommandContext,
    /// The history of the log that the unit is decided on.
    history: u64,
    append: Option<Append>,
    streams: Vec<Box<dyn UnitStream>>,
}

struct Looked<N: Noun> {
    id: String,
    /// The stream as the unit found it.
    found: Basis<N>,
    /// The state after the unit's events, and how many they are.
    state: Life<N>,
    events: i64,
}

trait UnitStream: Any + Send + Sync {
    fn as_any(&mut self) -> &mut dyn Any;
    /// The stream's type, if the unit has events for it.
    fn written_type(&self) -> Option<&'static str>;
    fn recorded(&self, ledger: &Ledger, recorded: &[Arc<RecordedEvent>]);
}

impl<N: Noun> UnitStream for Looked<N> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn written_type(&self) -> Option<&'static str> {
        (self.events > 0).then_some(N::TYPE)
    }

    fn recorded(&self, ledger: &Ledger, recorded: &[Arc<RecordedEvent>]) {
        if self.events > 0 {
            let own: Vec<_> = recorded
                .iter()
                .filter(|event| event.aggregate_type == N::TYPE && event.aggregate_id == self.id)
                .cloned()
                .collect();
            ledger.snapshot(&self.id, &self.found, &own);
        }
    }
}

impl Ledger {
    /// Begins a unit of work.
    pub fn unit_of_work(&self, context: &CommandContext) -> UnitOfWork {
        UnitOfWork {
            ledger: self.clone(),
            context: context.clone(),
            history: self.history(),
            append: None,
            streams: Vec::new(),
        }
    }
}

impl UnitOfWork {
    /// Decides a command; nothing is recorded before [`commit`](Self::commit). Returns the state after it.
    pub async fn execute<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        let basis = self.ledger.basis(id).await?;
        self.execute_on(id, command, basis).await
    }

    /// Like [`execute`](Self::execute) for a stream believed to be new: nothing is loaded, and the commit conflicts if
    /// the stream exists.
    pub async fn execute_new<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        self.execute_on(id, command, Basis::new()).await
    }

    /// What the unit is decided on besides: the commit conflicts if the stream is another by then than `seen`.
    pub fn rests_on<N: Noun>(&mut self, id: &str, seen: &Seen<N>) -> Result<(), Unrecordable> {
        if self.looked::<N>(id).is_none() {
            self.append()?.expect(N::TYPE, id, seen.sequence)?;
            self.streams.push(Box::new(Looked {
                id: id.to_owned(),
                state: seen.state.life.clone(),
                found: Basis {
                    state: Arc::clone(&seen.state),
                    sequence: seen.sequence,
                    fresh: false,
                },
                events: 0,
            }));
        }
        Ok(())
    }

    fn looked<N: Noun>(&mut self, id: &str) -> Option<&mut Looked<N>> {
        self.streams
            .iter_mut()
            .filter_map(|stream| stream.as_any().downcast_mut::<Looked<N>>())
            .find(|stream| stream.id == id)
    }

    fn append(&mut self) -> Result<&mut Append, Unrecordable> {
        Ok(match &mut self.append {
            Some(append) => append,
            append @ None => append.insert(Append::new(&self.context, self.history)?),
        })
    }

    async fn execute_on<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
        basis: Basis<N>,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        self.ledger.0.types.require::<N>()?;
        if let Some(stream) = self.looked::<N>(id) {
            // What the unit itself decided before stands, whatever happens outside; the commit checks the rest.
            let own = Basis {
                state: Arc::new(Folded {
                    life: stream.state.clone(),
                    ..(*stream.found.state).clone()
                }),
                sequence: stream.found.sequence + stream.events,
                fresh: true,
            };
            let (own, (state, events)) = self.ledger.clone().decide(id, command, Some(own)).await?;
            add_events::<N>(self.append()?, id, own.sequence, &events)?;
            if let Some(stream) = self.looked::<N>(id) {
                stream.state = state.clone();
                stream.events += i64::try_from(events.len()).unwrap_or(i64::MAX);
            }
            return Ok(state);
        }
        let (found, (state, events)) = self.ledger.decide(id, command, Some(basis)).await?;
        let append = self.append()?;
        append.expect(N::TYPE, id, found.sequence)?;
        add_events::<N>(append, id, found.sequence, &events)?;
        self.streams.push(Box::new(Looked {
            id: id.to_owned(),
            found,
            state: state.clone(),
            events: i64::try_from(events.len()).unwrap_or(i64::MAX),
        }));
        Ok(state)
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
        let recorded = self.ledger.append(append).await?;
        for stream in &self.streams {
            stream.recorded(&self.ledger, &recorded);
        }
        Ok(recorded.last().map(|event| event.position))
    }
}
