//! Rebuilding projections in shadow schemas while the live ones serve.

use std::sync::Arc;
use std::time::Duration;

use chancery_ledger::Position;
use futures::StreamExt;
use tokio::time::Instant;

use super::error::RebuildError;
use super::projection::ProjectionName;
use super::shadow::{self, Context, Remains, Shadow};
use super::{schema, swap};

/// How near to the head a rebuild comes before it takes the live checkpoint row's lock for the rest.
const NEAR: i64 = 200;

/// How a rebuild is coming on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Read up to here, and applied but for the last batches.
    pub position: Position,
    /// The ledger's last position.
    pub head: Position,
    /// Events of the ledger passed per second since the rebuild began.
    pub events_per_second: f64,
}

/// Makes [`Progress`] of positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter(Instant);

impl Meter {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn at(self, position: Position, head: Position) -> Progress {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let passed = position.0 as f64;
        let seconds = self.0.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        Progress {
            position,
            head: head.max(position),
            events_per_second: passed / seconds,
        }
    }
}

/// What became of a projection: its position at the swap, and the old tables, which the caller has to remove.
pub(super) type Rebuilt = (ProjectionName, Result<(Position, Remains), RebuildError>);

/// Rebuilds projections in one pass over the log, and swaps each as soon as it is complete. Those that fail leave their
/// live tables as they were and hold no other back; the next attempt starts over, also after a death. An error: nothing
/// was begun.
pub(super) async fn run(
    contexts: Vec<Context>,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Vec<Rebuilt>, RebuildError> {
    let Some(ledger) = contexts.first().map(|context| context.ledger.clone()) else {
        return Ok(Vec::new());
    };
    let meter = Meter::start();
    let shadows = shadow::prepare(contexts).await?;
    let filled = shadow::fill(shadows, ledger.head(), |position| {
        progress(meter.at(position, ledger.head()));
    })
    .await;
    let count = filled.len().max(1);
    let mut completing = futures::stream::iter(filled)
        .map(|(name, filled)| async move {
            match filled {
                Ok(shadow) => (name, complete(shadow).await),
                Err(error) => (name, Err(error)),
            }
        })
        .buffered(count);
    let mut rebuilt = Vec::with_capacity(count);
    while let Some(one) = completing.next().await {
        if let Ok((position, _)) = &one.1 {
            progress(meter.at(*position, ledger.head()));
        }
        rebuilt.push(one);
    }
    Ok(rebuilt)
}

/// Rebuilds one projection.
pub(super) async fn one(
    context: Context,
    progress: impl FnMut(Progress) + Send,
) -> Result<(Position, Remains), RebuildError> {
    let name = context.projection.name();
    only(name, run(vec![context], progress).await?)
}

/// The outcome of the one projection that was asked for.
pub(super) fn only<T>(
    name: ProjectionName,
    mut outcomes: Vec<(ProjectionName, Result<T, RebuildError>)>,
) -> Result<T, RebuildError> {
    match outcomes.pop() {
        Some((_, outcome)) => outcome,
        None => Err(RebuildError::Unknown(name.to_string())),
    }
}

/// Makes the indexes, applies what was appended meanwhile, and swaps.
async fn complete(mut shadow: Shadow) -> Result<(Position, Remains), RebuildError> {
    let outcome = async {
        let projection = Arc::clone(&shadow.context.projection);
        let name = schema::shadow(projection.name());
        let options = &shadow.context.options;
        schema::index_on_two(&mut shadow.connection, options, &name, &*projection).await?;
        schema::end_bulk(&mut shadow.connection, &name).await?;
        loop {
            let head = shadow.context.ledger.head();
            shadow.catch_up(head).await?;
            if shadow.context.ledger.head().0 - shadow.point.position.0 > NEAR {
                continue;
            }
            if let Some(position) = swap::swap(&mut shadow).await? {
                return Ok(position);
            }
        }
    }
    .await;
    match outcome {
        Ok(position) => Ok((position, shadow.into_remains(schema::old))),
        Err(error) => {
            shadow.discard().await;
            Err(error)
        }
    }
}
