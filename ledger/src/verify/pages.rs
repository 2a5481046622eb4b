//! Events in order of position, a page at a time: while one page is worked on by other threads, the next is read.

use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{Position, reader};

const PAGE: i64 = 2000;

/// Pages of a range, each made into `T` by a thread of its own.
pub(crate) struct Pages<T> {
    pages: mpsc::Receiver<Result<JoinHandle<T>, sqlx::Error>>,
}

impl<T: Send + 'static> Pages<T> {
    /// The events after `after`, up to `last`, made into something by `work`.
    pub fn start(
        pool: PgPool,
        after: Position,
        last: Position,
        work: impl Fn(&[PgRow]) -> T + Clone + Send + 'static,
    ) -> Self {
        let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (send, pages) = mpsc::channel(parallel);
        tokio::spawn(async move {
            let mut after = after;
            while after < last {
                let limit = PAGE.min(last.0 - after.0);
                let rows = match reader::read_rows(&pool, after, limit).await {
                    Ok(rows) => rows,
                    Err(error) => {
                        // Whoever stopped listening needs no answer.
                        let _ = send.send(Err(error)).await;
                        return;
                    }
                };
                let Some(found) = rows.last().map(|row| row.try_get(0)) else {
                    return;
                };
                match found {
                    Ok(position) => after = Position(position),
                    Err(error) => {
                        let _ = send.send(Err(error)).await;
                        return;
                    }
                }
                let work = work.clone();
                let page = tokio::task::spawn_blocking(move || work(&rows));
                if send.send(Ok(page)).await.is_err() {
                    return;
                }
            }
        });
        Self { pages }
    }

    /// The next page's outcome; `None`: there are no more events.
    pub async fn next(&mut self) -> Result<Option<T>, sqlx::Error> {
        match self.pages.recv().await {
            None => Ok(None),
            Some(page) => match page?.await {
                Ok(outcome) => Ok(Some(outcome)),
                Err(failed) => match failed.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // Only a runtime that shuts down cancels it.
                    Err(_) => Err(sqlx::Error::WorkerCrashed),
                },
            },
        }
    }
}
