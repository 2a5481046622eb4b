//! One pass over the log for several projections at once: every event is read once, and each projection applies what
//! concerns it on a task and a connection of its own.

use std::sync::Arc;

use chancery_ledger::{LedgerReader, Position, ReadError, RecordedEvent};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What a pass reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// After this position.
    pub(super) after: Position,
    /// Up to and including this one.
    pub(super) until: Position,
    /// Events read and applied at once.
    pub(super) batch: usize,
}

/// What takes the batches of a pass, one after the other.
pub(super) trait Lane: Send + 'static {
    /// Why it takes no more.
    type Error: Send + 'static;

    /// Takes a batch that ends at `to`, with the events of every aggregate type.
    fn take(
        &mut self,
        batch: &[Arc<RecordedEvent>],
        to: Position,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// How a pass ended. A lane that fails holds no other back.
pub(super) struct Passed<L: Lane> {
    /// The lanes in their order, each with its failure.
    pub(super) lanes: Vec<(L, Option<L::Error>)>,
    /// Why the log was not read to the end.
    pub(super) unread: Option<ReadError>,
}

struct Batch {
    events: Vec<Arc<RecordedEvent>>,
    to: Position,
}

/// Hands every event of the span to every lane, reading the next batches while these are applied; no lane gets more
/// than two batches ahead of another, so memory is bounded. `progress` is told how far the log has been handed out.
pub(super) async fn run<L: Lane>(
    reader: &LedgerReader,
    lanes: Vec<L>,
    span: Span,
    mut progress: impl FnMut(Position) + Send,
) -> Passed<L> {
    let mut tasks = JoinSet::new();
    let mut inputs = Vec::with_capacity(lanes.len());
    for (index, lane) in lanes.into_iter().enumerate() {
        let (input, batches) = mpsc::channel(1);
        inputs.push(input);
        tasks.spawn(async move {
            let (lane, failure) = follow(lane, batches).await;
            (index, lane, failure)
        });
    }
    let mut limit = span.batch;
    let read = |after: Position, limit: usize| {
        let reader = reader.clone();
        tokio::spawn(async move { reader.read(after, limit).await })
    };
    let mut unread = None;
    let mut next = (span.after < span.until).then(|| read(span.after, limit));
    while let Some(reading) = next.take() {
        let mut events = match reading.await {
            Ok(Ok(events)) => events,
            Ok(Err(error)) => {
                unread = Some(error);
                break;
            }
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        let read_events = events.len();
        events.truncate(events.partition_point(|event| event.position <= span.until));
        let Some(to) = events.last().map(|event| event.position) else {
            break;
        };
        limit = next_limit(limit, read_events, span.batch);
        next = (to < span.until).then(|| read(to, limit));
        let batch = Arc::new(Batch { events, to });
        let mut taken = false;
        for input in &inputs {
            taken |= input.send(Arc::clone(&batch)).await.is_ok();
        }
        if !taken {
            break;
        }
        progress(to);
    }
    drop(inputs);
    let mut ended = Vec::with_capacity(tasks.len());
    while let Some(outcome) = tasks.join_next().await {
        match outcome {
            Ok(lane) => ended.push(lane),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    ended.sort_by_key(|(index, ..)| *index);
    Passed {
        lanes: ended
            .into_iter()
            .map(|(_, lane, failure)| (lane, failure))
            .collect(),
        unread,
    }
}

/// How many events to ask for after a read that asked for `limit` and got `read` of them, though there were more: of large
/// events a read gives fewer, and what it leaves is sent in vain.
pub(super) fn next_limit(limit: usize, read: usize, most: usize) -> usize {
    let next = if read < limit { read } else { limit };
    next.saturating_mul(2).clamp(1, most.max(1))
}

async fn follow<L: Lane>(
    mut lane: L,
    mut batches: mpsc::Receiver<Arc<Batch>>,
) -> (L, Option<L::Error>) {
    while let Some(batch) = batches.recv().await {
        if let Err(failure) = lane.take(&batch.events, batch.to).await {
            return (lane, Some(failure));
        }
    }
    (lane, None)
}

#[cfg(test)]
mod tests {
    use super::next_limit;

    #[test]
    fn reads_shrink_to_what_they_give_and_grow_again() {
        assert_eq!(next_limit(1000, 10, 1000), 20);
        assert_eq!(next_limit(20, 20, 1000), 40);
        assert_eq!(next_limit(800, 800, 1000), 1000);
        assert_eq!(next_limit(1, 0, 1000), 1);
    }
}
