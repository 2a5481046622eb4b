use chancery_noun::{Life, Noun, Stream};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};

use crate::sequencer::Append;
use crate::{AppendError, CommandContext, ExecuteError, Ledger, Position, Unrecordable, snapshot};

/// What a command led to.
#[derive(Debug)]
pub struct Executed<N: Noun> {
    /// The state after the command.
    pub state: Life<N>,
    /// The events recorded; none when the command changed nothing.
    pub events: Vec<N::Event>,
    /// Position of the last of them.
    pub position: Option<Position>,
    /// The stream's last sequence.
    pub sequence: i64,
}

/// A state to decide on.
pub(crate) struct Basis<N> {
    pub state: Life<N>,
    pub sequence: i64,
    /// Whether it was just read; a remembered state may be behind.
    pub fresh: bool,
}

/// A decision: the state after it, and its events.
pub(crate) type Decision<N> = (Life<N>, Vec<<N as Noun>::Event>);

impl Ledger {
    /// Loads the stream, lets the noun decide the command, and appends its events. A command that loses to a concurrent one
    /// on the same stream is decided again on the new state, a bounded number of times.
    pub async fn execute<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        let basis = self.remembered(id);
        self.execute_on(id, command, context, basis).await
    }

    /// Like [`execute`](Self::execute) for a stream the caller believes to be new, for example because its id was just
    /// made: nothing is loaded unless the stream turns out to exist.
    pub async fn execute_new<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        let basis = Basis {
            state: Life::Unknown,
            sequence: 0,
            fresh: false,
        };
        self.execute_on(id, command, context, Some(basis)).await
    }

    async fn execute_on<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
        mut basis: Option<Basis<N>>,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        self.0.types.require::<N>()?;
        let mut retries = self.0.config.conflict_retries;
        loop {
            let (before, (state, events)) = self.decide(id, command.clone(), basis.take()).await?;
            if events.is_empty() {
                self.0.cache.put(id, state.clone(), before);
                return Ok(Executed {
                    state,
                    events,
                    position: None,
                    sequence: before,
                });
            }
            let mut append = Append::new(context)?;
            append.expect(N::TYPE, id, before)?;
            add_events::<N>(&mut append, id, before, &events)?;
            match self.0.sequencer.append(append).await {
                Ok(recorded) => {
                    let position = recorded.last().map(|event| event.position);
                    let sequence = recorded.last().map_or(before, |event| event.sequence);
                    self.appended(id, before, sequence, &state);
                    return Ok(Executed {
                        state,
                        events,
                        position,
                        sequence,
                    });
                }
                Err(AppendError::Conflict) if retries > 0 => retries -= 1,
                Err(error) => {
                    self.0.cache.forget(N::TYPE, id);
                    return Err(error.into());
                }
            }
        }
    }

    /// Lets the noun decide the command. A refusal, or a decision to do nothing, is not guarded by an append's
    /// version check: it is only believed of a state just read.
    pub(crate) async fn decide<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        basis: Option<Basis<N>>,
    ) -> Result<(i64, Decision<N>), ExecuteError<N::Error>> {
        if let Some(basis) = basis {
            let (sequence, fresh) = (basis.sequence, basis.fresh);
            match handle(basis.state, command.clone()).await {
                Ok(decision) if fresh || !decision.1.is_empty() => return Ok((sequence, decision)),
                Err(refusal) if fresh => return Err(ExecuteError::Refused(refusal)),
                Ok(_) | Err(_) => {}
            }
        }
        let (state, sequence) = self.load::<N>(id).await?;
        let decision = handle(state, command)
            .await
            .map_err(ExecuteError::Refused)?;
        Ok((sequence, decision))
    }

    pub(crate) fn remembered<N: Noun>(&self, id: &str) -> Option<Basis<N>> {
        let (state, sequence) = self.0.cache.get::<N>(id)?;
        Some(Basis {
            state: (*state).clone(),
            sequence,
            fresh: false,
        })
    }

    /// Remembers the state after an append, and stores a snapshot of it when one is due.
    pub(crate) fn appended<N: Noun>(&self, id: &str, before: i64, after: i64, state: &Life<N>) {
        self.0.cache.put(id, state.clone(), after);
        if snapshot::is_due::<N>(before, after) {
            let (pool, id, state) = (self.0.pool.clone(), id.to_owned(), state.clone());
            self.0.tasks.spawn(async move {
                if let Err(error) = snapshot::store(&pool, &id, after, &state).await {
                    tracing::warn!(%error, aggregate_type = N::TYPE, aggregate_id = id, "a snapshot was not stored");
                }
            });
        }
    }
}

/// The state after the command, and the command's events; cqrs-es's sink applies events as they are written.
async fn handle<N: Noun>(state: Life<N>, command: N::Command) -> Result<Decision<N>, N::Error> {
    let mut stream = Stream(state);
    let sink = EventSink::default();
    stream.handle(command, &(), &sink).await?;
    Ok((stream.0, sink.collect().await))
}

/// Adds a decision's events and what they do to keys to an append that expects the stream.
pub(crate) fn add_events<N: Noun>(
    append: &mut Append,
    id: &str,
    before: i64,
    events: &[N::Event],
) -> Result<(), Unrecordable> {
    let stream = (N::TYPE, id);
    for (event, sequence) in events.iter().zip(before + 1..) {
        for key in N::keys(id, event) {
            append.change_key(stream, key)?;
        }
        let payload = serde_json::to_value(event)?;
        append.push(
            stream,
            sequence,
            event.event_type(),
            event.event_version(),
            payload,
        )?;
    }
    Ok(())
}
