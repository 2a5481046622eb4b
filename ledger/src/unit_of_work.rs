use std::any::Any;

use chancery_noun::{Life, Noun};

use crate::execute::{Basis, add_events};
use crate::sequencer::Append;
use crate::{AppendError, CommandContext, ExecuteError, Ledger, Position};

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

struct Decided<N: Noun> {
    id: String,
    state: Life<N>,
    /// The sequence the unit found the stream at.
    found: i64,
    /// The sequence after the unit's events.
    sequence: i64,
}

trait UnitStream: Any + Send + Sync {
    fn as_any(&mut self) -> &mut dyn Any;
    fn appended(&self, ledger: &Ledger);
    fn forget(&self, ledger: &Ledger);
}

impl<N: Noun> UnitStream for Decided<N> {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn appended(&self, ledger: &Ledger) {
        if self.sequence > self.found {
            ledger.appended(&self.id, self.found, self.sequence, &self.state);
        }
    }

    fn forget(&self, ledger: &Ledger) {
        ledger.0.cache.forget(N::TYPE, &self.id);
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
    /// Decides a command; nothing is recorded before [`commit`](Self::commit). Returns the state after it.
    pub async fn execute<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        let basis = self.ledger.remembered(id);
        self.execute_on(id, command, basis).await
    }

    /// Like [`execute`](Self::execute) for a stream believed to be new: nothing is loaded, and the commit conflicts if
    /// the stream exists.
    pub async fn execute_new<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        let basis = Basis {
            state: Life::Unknown,
            sequence: 0,
            fresh: false,
        };
        self.execute_on(id, command, Some(basis)).await
    }

    async fn execute_on<N: Noun>(
        &mut self,
        id: &str,
        command: N::Command,
        basis: Option<Basis<N>>,
    ) -> Result<Life<N>, ExecuteError<N::Error>> {
        self.ledger.0.types.require::<N>()?;
        let known = self
            .streams
            .iter_mut()
            .filter_map(|stream| stream.as_any().downcast_mut::<Decided<N>>())
            .find(|stream| stream.id == id);
        let own = known.as_ref().map(|stream| Basis {
            state: stream.state.clone(),
            sequence: stream.sequence,
            fresh: true,
        });
        let (before, (state, events)) = self.ledger.decide(id, command, own.or(basis)).await?;

        let append = match self.append.as_mut() {
            Some(append) => append,
            None => self.append.insert(Append::new(&self.context)?),
        };
        if known.is_none() {
            append.expect(N::TYPE, id, before)?;
        }
        add_events::<N>(append, id, before, &events)?;
        let sequence = before + i64::try_from(events.len()).unwrap_or(i64::MAX);
        if let Some(stream) = known {
            stream.state = state.clone();
            stream.sequence = sequence;
        } else {
            self.streams.push(Box::new(Decided {
                id: id.to_owned(),
                state: state.clone(),
                found: before,
                sequence,
            }));
        }
        Ok(state)
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
