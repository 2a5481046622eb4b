use std::sync::Arc;

use chancery_noun::{Folded, Life, Noun, Stream};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};

use crate::sequencer::{Append, Appended};
use crate::{
    AppendError, CommandContext, ExecuteError, Ledger, LoadError, Position, RecordedEvent, Seen,
    StreamName, Unrecordable, snapshot,
};

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

/// Streams that a decision rests on, and how far each had come.
#[derive(Clone, Debug, Default)]
pub struct Rests(Vec<(StreamName, i64)>);

impl Rests {
    /// Adds a stream as it was seen.
    pub fn on<N: Noun>(&mut self, id: &str, seen: &Seen<N>) {
        self.0.push((StreamName::new(N::TYPE, id), seen.sequence));
    }
}

/// A state to decide on.
#[derive(Clone)]
pub(crate) struct Basis<N: Noun> {
    pub state: Arc<Folded<N>>,
    pub sequence: i64,
    /// Whether it is as the log has it now; a remembered state may be behind.
    pub fresh: bool,
}

impl<N: Noun> Basis<N> {
    /// The basis of a stream believed to be new.
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            sequence: 0,
            fresh: false,
        }
    }

    fn seen(seen: Seen<N>, fresh: bool) -> Self {
        Self {
            state: seen.state,
            sequence: seen.sequence,
            fresh,
        }
    }
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
        let basis = self.basis(id).await?;
        self.execute_on(id, command, context, Some(basis), &Rests::default())
            .await
    }

    /// Like [`execute`](Self::execute) for a stream the caller believes to be new, for example because its id was just
    /// made: nothing is loaded unless the stream turns out to exist.
    pub async fn execute_new<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        self.execute_on(id, command, context, Some(Basis::new()), &Rests::default())
            .await
    }

    /// Like [`execute`](Self::execute), for a decision that rests on other streams besides: when one of them has changed since it
    /// was seen, nothing is recorded. Such a conflict is the caller's to decide again.
    pub async fn execute_resting<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
        rests: &Rests,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        let basis = self.basis(id).await?;
        self.execute_on(id, command, context, Some(basis), rests)
            .await
    }

    async fn execute_on<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        context: &CommandContext,
        mut basis: Option<Basis<N>>,
        rests: &Rests,
    ) -> Result<Executed<N>, ExecuteError<N::Error>> {
        self.0.types.require::<N>()?;
        let mut retries = if rests.0.is_empty() {
            self.0.config.conflict_retries
        } else {
            0
        };
        loop {
            let history = self.history();
            let (basis, (state, events)) = self.decide(id, command.clone(), basis.take()).await?;
            let before = basis.sequence;
            if events.is_empty() {
                return Ok(Executed {
                    state,
                    events,
                    position: None,
                    sequence: before,
                });
            }
            let mut append = Append::new(context, history)?;
            append.expect(N::TYPE, id, before)?;
            for (stream, sequence) in &rests.0 {
                append.expect(&stream.aggregate_type, &stream.aggregate_id, *sequence)?;
            }
            add_events::<N>(&mut append, id, before, &events)?;
            match self.append(append).await {
                Ok(recorded) => {
                    self.snapshot(id, &basis, &recorded);
                    return Ok(Executed {
                        state,
                        events,
                        position: recorded.last().map(|event| event.position),
                        sequence: recorded.last().map_or(before, |event| event.sequence),
                    });
                }
                Err(AppendError::Conflict) if retries > 0 => retries -= 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lets the noun decide the command. A refusal, or a decision to do nothing, is not guarded by an append's
    /// version check: it is only believed of what is so now.
    pub(crate) async fn decide<N: Noun>(
        &self,
        id: &str,
        command: N::Command,
        basis: Option<Basis<N>>,
    ) -> Result<(Basis<N>, Decision<N>), ExecuteError<N::Error>> {
        if let Some(basis) = basis {
            match handle(basis.state.life.clone(), command.clone()).await {
                Ok(decision) if basis.fresh || !decision.1.is_empty() => {
                    return Ok((basis, decision));
                }
                Err(refusal) if basis.fresh => return Err(ExecuteError::Refused(refusal)),
                Ok(_) | Err(_) => {}
            }
        }
        let now = self.now().await.map_err(|error| error.of::<N>(id))?;
        let seen = now
            .state::<N>(id)
            .await
            .map_err(|error| error.of::<N>(id))?;
        let decision = handle(seen.state.life.clone(), command)
            .await
            .map_err(ExecuteError::Refused)?;
        Ok((Basis::seen(seen, true), decision))
    }

    /// The state of a stream that is known, or was read; not necessarily as the log has it now.
    pub(crate) async fn basis<N: Noun>(&self, id: &str) -> Result<Basis<N>, LoadError> {
        let seen = self.so_far().state::<N>(id).await;
        let seen = seen.map_err(|error| error.of::<N>(id))?;
        Ok(Basis::seen(seen, false))
    }

    /// Appends. What an append conflicted with is known afterwards, so that it can be decided again.
    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let outcome = self.0.sequencer.append(append).await;
        if matches!(outcome, Err(AppendError::Conflict))
            && let Err(error) = self.0.memory.confirm().await
        {
            tracing::debug!(%error, "what an append conflicted with is not known");
        }
        outcome
    }

    /// Stores a snapshot of a stream when its latest events make one due.
    pub(crate) fn snapshot<N: Noun>(
        &self,
        id: &str,
        before: &Basis<N>,
        recorded: &[Arc<RecordedEvent>],
    ) {
        let after = before.sequence + i64::try_from(recorded.len()).unwrap_or(i64::MAX);
        if !snapshot::is_due::<N>(before.sequence, after) {
            return;
        }
        let mut state = (*before.state).clone();
        for event in recorded {
            match event.decode() {
                Ok(decoded) => state.evolve(decoded, event.recorded_at),
                Err(error) => {
                    tracing::error!(%error, "an event just recorded cannot be read");
                    return;
                }
            }
        }
        let (pool, id) = (self.0.pool.clone(), id.to_owned());
        self.0.tasks.spawn(async move {
            if let Err(error) = snapshot::store(&pool, &id, after, &state).await {
                tracing::warn!(%error, aggregate_type = N::TYPE, aggregate_id = id, "a snapshot was not stored");
            }
        });
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
