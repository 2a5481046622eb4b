use cqrs_es::DomainEvent;
use cqrs_es::event_sink::EventSink;

use crate::sequencer::Append;
use crate::{
    AppendError, CommandContext, EventSourced, ExecuteError, Ledger, Position, StreamType,
    Unrecordable, snapshot,
};

/// What a command led to.
#[derive(Debug)]
pub struct Executed<A: EventSourced> {
    /// The aggregate after the command.
    pub aggregate: A,
    /// The events recorded; none when the command changed nothing.
    pub events: Vec<A::Event>,
    /// Position of the last of them.
    pub position: Option<Position>,
    /// The stream's last sequence.
    pub sequence: i64,
}

/// A state to decide on.
pub(crate) struct Basis<A> {
    pub aggregate: A,
    pub sequence: i64,
    /// Whether it was just read; a remembered state may be behind.
    pub fresh: bool,
}

/// A decision: the aggregate after it, and its events.
pub(crate) type Decision<A> = (A, Vec<<A as cqrs_es::Aggregate>::Event>);

impl Ledger {
    /// Loads the aggregate, lets it handle the command, and appends its events. A command that loses to a concurrent one
    /// on the same stream is decided again on the new state, a bounded number of times.
    pub async fn execute<A: EventSourced>(
        &self,
        id: &str,
        command: A::Command,
        context: &CommandContext,
    ) -> Result<Executed<A>, ExecuteError<A::Error>> {
        let basis = self.remembered(id);
        self.execute_on(id, command, context, basis).await
    }

    /// Like [`execute`](Self::execute) for a stream the caller believes to be new, for example because its id was just
    /// made: nothing is loaded unless the stream turns out to exist.
    pub async fn execute_new<A: EventSourced>(
        &self,
        id: &str,
        command: A::Command,
        context: &CommandContext,
    ) -> Result<Executed<A>, ExecuteError<A::Error>> {
        let basis = Basis {
            aggregate: A::default(),
            sequence: 0,
            fresh: false,
        };
        self.execute_on(id, command, context, Some(basis)).await
    }

    async fn execute_on<A: EventSourced>(
        &self,
        id: &str,
        command: A::Command,
        context: &CommandContext,
        mut basis: Option<Basis<A>>,
    ) -> Result<Executed<A>, ExecuteError<A::Error>> {
        let stream_type = self.0.types.get::<A>()?;
        let mut retries = self.0.config.conflict_retries;
        loop {
            let history = self.history();
            let (before, (aggregate, events)) =
                self.decide(id, command.clone(), basis.take()).await?;
            if events.is_empty() {
                self.0.cache.put(id, aggregate.clone(), before, history);
                return Ok(Executed {
                    aggregate,
                    events,
                    position: None,
                    sequence: before,
                });
            }
            let mut append = Append::new(context, history)?;
            append.expect(A::TYPE, id, before)?;
            add_events(&mut append, stream_type, id, before, &events)?;
            match self.0.sequencer.append(append).await {
                Ok(recorded) => {
                    let position = recorded.last().map(|event| event.position);
                    let sequence = recorded.last().map_or(before, |event| event.sequence);
                    self.appended(stream_type, id, (before, sequence), history, &aggregate);
                    return Ok(Executed {
                        aggregate,
                        events,
                        position,
                        sequence,
                    });
                }
                Err(AppendError::Conflict) if retries > 0 => retries -= 1,
                Err(error) => {
                    self.0.cache.forget(A::TYPE, id);
                    return Err(error.into());
                }
            }
        }
    }

    /// Lets the aggregate handle the command. A refusal, or a decision to do nothing, is not guarded by an append's
    /// version check: it is only believed of a state just read.
    pub(crate) async fn decide<A: EventSourced>(
        &self,
        id: &str,
        command: A::Command,
        basis: Option<Basis<A>>,
    ) -> Result<(i64, Decision<A>), ExecuteError<A::Error>> {
        if let Some(basis) = basis {
            let (sequence, fresh) = (basis.sequence, basis.fresh);
            match handle(basis.aggregate, command.clone()).await {
                Ok(decision) if fresh || !decision.1.is_empty() => return Ok((sequence, decision)),
                Err(refusal) if fresh => return Err(ExecuteError::Refused(refusal)),
                Ok(_) | Err(_) => {}
            }
        }
        let (aggregate, sequence) = self.load::<A>(id).await?;
        let decision = handle(aggregate, command)
            .await
            .map_err(ExecuteError::Refused)?;
        Ok((sequence, decision))
    }

    pub(crate) fn remembered<A: EventSourced>(&self, id: &str) -> Option<Basis<A>> {
        let (aggregate, sequence) = self.0.cache.get::<A>(id)?;
        Some(Basis {
            aggregate: (*aggregate).clone(),
            sequence,
            fresh: false,
        })
    }

    /// Remembers the state after an append that was decided on in `history`, and stores a snapshot of it when one is due.
    pub(crate) fn appended<A: EventSourced>(
        &self,
        stream_type: &StreamType<A>,
        id: &str,
        (before, after): (i64, i64),
        history: u64,
        aggregate: &A,
    ) {
        self.0.cache.put(id, aggregate.clone(), after, history);
        if snapshot::is_due(stream_type, before, after) {
            let (pool, id, version) = (
                self.0.pool.clone(),
                id.to_owned(),
                stream_type.snapshot_version,
            );
            let aggregate = aggregate.clone();
            self.0.tasks.spawn(async move {
                if let Err(error) = snapshot::store(&pool, &id, version, after, &aggregate).await {
                    tracing::warn!(%error, aggregate_type = A::TYPE, aggregate_id = id, "a snapshot was not stored");
                }
            });
        }
    }
}

/// The aggregate after the command, and the command's events; cqrs-es's sink applies events as they are written.
async fn handle<A: EventSourced>(
    mut aggregate: A,
    command: A::Command,
) -> Result<Decision<A>, A::Error> {
    let sink = EventSink::default();
    aggregate.handle(command, &(), &sink).await?;
    Ok((aggregate, sink.collect().await))
}

/// Adds a decision's events and their key changes to an append that expects the stream.
pub(crate) fn add_events<A: EventSourced>(
    append: &mut Append,
    stream_type: &StreamType<A>,
    id: &str,
    before: i64,
    events: &[A::Event],
) -> Result<(), Unrecordable> {
    let stream = (A::TYPE, id);
    for (event, sequence) in events.iter().zip(before + 1..) {
        if let Some(unique_keys) = stream_type.unique_keys {
            for change in unique_keys(id, event) {
                append.change_key(stream, change)?;
            }
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
