//! The appender task.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Append;
use super::batch::Outcome;
use super::session::{CallError, Session};
use super::waiting::{Waiting, place_events};
use crate::memory::{Applied, Memory};
use crate::outage::Outage;
use crate::recent::Recent;
use crate::{AppendError, AppendedBatch, LedgerConfig, Unrecordable};

const FIRST_BACKOFF: Duration = Duration::from_millis(20);
const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

pub(super) struct Appender {
    pub options: PgConnectOptions,
    pub config: LedgerConfig,
    pub recent: Arc<Recent>,
    pub memory: Arc<Memory>,
    pub session: Option<Session>,
    /// Since when the database is unreachable.
    pub outage: Option<Instant>,
    /// When the batch under way was sent.
    sent: Instant,
    told: Outage,
    pub waiting: VecDeque<Waiting>,
    queue: mpsc::Receiver<Waiting>,
}

impl Appender {
    pub fn new(
        options: PgConnectOptions,
        config: LedgerConfig,
        recent: Arc<Recent>,
        memory: Arc<Memory>,
        session: Session,
        queue: mpsc::Receiver<Waiting>,
    ) -> Self {
        Self {
            options,
            recent,
            memory,
            session: Some(session),
            config,
            outage: None,
            sent: Instant::now(),
            told: Outage::default(),
            waiting: VecDeque::new(),
            queue,
        }
    }

    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            if self.waiting.is_empty() {
                tokio::select! {
                    biased;
                    next = self.queue.recv() => match next {
                        Some(next) => self.waiting.push_back(next),
                        None => break,
                    },
                    () = stop.cancelled() => self.queue.close(),
                }
            }
            while self.waiting.len() < self.config.max_batch {
                match self.queue.try_recv() {
                    Ok(next) => self.waiting.push_back(next),
                    Err(_) => break,
                }
            }
            let batch = self.next_batch();
            if !batch.is_empty() {
                self.append(batch).await;
            }
        }
        if let Some(session) = self.session {
            session.close().await;
        }
    }

    /// Takes what can be decided together. An append that touches what an earlier one changes waits for the next batch, and so
    /// does whatever would overtake one that waits.
    fn next_batch(&mut self) -> Vec<Waiting> {
        let mut changed: HashSet<u64> = HashSet::new();
        let mut batch = Vec::new();
        let mut deferred = VecDeque::new();
        for waiting in self.waiting.drain(..) {
            if waiting.answer.is_closed() {
                continue;
            }
            let append = &waiting.append;
            let mut touched = append.reads.iter().chain(&append.writes);
            let clashes = touched.any(|touch| changed.contains(touch));
            changed.extend(&append.writes);
            if clashes || batch.len() >= self.config.max_batch {
                changed.extend(&append.reads);
                deferred.push_back(waiting);
            } else {
                batch.push(waiting);
            }
        }
        self.waiting = deferred;
        batch
    }

    /// Appends a batch and answers everyone in it, or puts back what may be tried again.
    async fn append(&mut self, batch: Vec<Waiting>) {
        if !self.connect().await {
            return self.unavailable(batch, "the database is unreachable");
        }
        let mut batch = self.of_this_history(batch);
        if batch.is_empty() {
            return;
        }
        let known_head = match self.look_at_head().await {
            Ok(head) => head.position,
            Err(CallError::RolledBack(error)) => return self.retry_later(batch, &error).await,
            Err(CallError::Lost(reason)) => {
                self.session = None;
                return self
                    .retry_later(batch, &sqlx::Error::Protocol(reason))
                    .await;
            }
        };
        let appends: Vec<&Append> = batch.iter().map(|waiting| &waiting.append).collect();
        self.sent = Instant::now();
        match self.decide(&appends).await {
            Ok(outcomes) => {
                if self.answer(batch, outcomes) == Applied::Gap {
                    // Others appended in between: the next batch needs to know what.
                    self.catch_up().await;
                }
            }
            Err(CallError::Lost(reason)) => {
                tracing::warn!(reason, "the connection was lost during an append");
                self.resolve(batch, known_head).await;
            }
            Err(CallError::RolledBack(error)) if blames_server(&error) => {
                tracing::warn!(%error, "the database could not append");
                self.retry_later(batch, &error).await;
            }
            Err(CallError::RolledBack(error)) if batch.len() == 1 => {
                if let Some(waiting) = batch.pop() {
                    waiting.answer(Err(refused(&error).into()));
                }
            }
            Err(CallError::RolledBack(error)) => {
                tracing::warn!(%error, "an append poisoned its batch; trying its appends one by one");
                for waiting in batch {
                    Box::pin(self.append(vec![waiting])).await;
                }
            }
        }
    }

    /// Answers those that were decided on a history that the database has lost as conflicts: their streams have changed,
    /// even where the versions are the same again.
    fn of_this_history(&self, batch: Vec<Waiting>) -> Vec<Waiting> {
        let history = self.recent.history();
        let (batch, lost): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|waiting| waiting.append.history == history);
        for waiting in lost {
            waiting.answer(Err(AppendError::Conflict));
        }
        batch
    }

    /// Whether there is a session, after trying for as long as an outage is tolerated.
    pub async fn connect(&mut self) -> bool {
        let mut backoff = FIRST_BACKOFF;
        while self.session.is_none() {
            match Session::open(&self.options, &self.config, &self.recent).await {
                Ok(session) => {
                    self.session = Some(session);
                    self.outage = None;
                    self.told.over("the appender is connected again");
                }
                Err(error) => {
                    self.told.met("the appender cannot connect", &error);
                    let outage = *self.outage.get_or_insert_with(Instant::now);
                    // Always after a failure, so that a long outage does not become a storm of attempts.
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(LONGEST_BACKOFF);
                    if outage.elapsed() >= self.config.unavailable_after {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Answers the batch and everything that waits behind it.
    pub fn unavailable(&mut self, batch: Vec<Waiting>, reason: &str) {
        let mut waiting = std::mem::take(&mut self.waiting);
        while let Ok(next) = self.queue.try_recv() {
            waiting.push_back(next);
        }
        for waiting in batch.into_iter().chain(waiting) {
            waiting.answer(Err(AppendError::Unavailable(reason.to_owned())));
        }
    }

    /// Puts back what has not waited too long, for another try; the server may recover or change its mind.
    async fn retry_later(&mut self, batch: Vec<Waiting>, error: &sqlx::Error) {
        // After a failover this session may sit on a standby.
        if let Some(session) = self.session.take() {
            session.close().await;
        }
        for waiting in batch.into_iter().rev() {
            if waiting.since.elapsed() >= self.config.unavailable_after {
                waiting.answer(Err(AppendError::Unavailable(error.to_string())));
            } else {
                self.waiting.push_front(waiting);
            }
        }
        sleep(FIRST_BACKOFF).await;
    }

    /// Learns what others appended.
    pub async fn catch_up(&self) {
        if let Err(error) = self.memory.confirm().await {
            tracing::debug!(%error, "what others appended is not known");
        }
    }

    /// Answers everyone in a batch. Tells whether what was appended goes on from what is known.
    pub fn answer(&mut self, batch: Vec<Waiting>, outcomes: Vec<Outcome>) -> Applied {
        let results: Vec<_> = batch
            .into_iter()
            .zip(outcomes)
            .map(|(waiting, outcome)| match outcome {
                Outcome::Appended(place) => {
                    let (events, answer) = place_events(waiting, place);
                    (answer, Ok(events))
                }
                Outcome::Conflict => (waiting.answer, Err(AppendError::Conflict)),
                Outcome::KeyTaken(key) => (waiting.answer, Err(AppendError::KeyTaken { key })),
                Outcome::KeyNotHeld(key) => (waiting.answer, Err(AppendError::KeyNotHeld { key })),
            })
            .collect();
        let appended: Vec<_> = results
            .iter()
            .filter_map(|(_, result)| result.as_ref().ok())
            .flatten()
            .cloned()
            .collect();
        // Before anybody is answered: whoever looks afterwards finds what was recorded.
        let applied = self.memory.apply(&appended);
        if let Some(observer) = &self.config.observer {
            observer.appended(&AppendedBatch {
                appends: results.len(),
                events: &appended,
                took: self.sent.elapsed(),
            });
        }
        self.recent.push(appended);
        for (answer, result) in results {
            drop(answer.send(result));
        }
        applied
    }
}

/// Whether the server's state, not the append, is the cause: time-outs, locks, resources, shutdown, a standby.
fn blames_server(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    matches!(code.as_ref(), "55P03" | "25006")
        || ["40", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
}

fn refused(error: &sqlx::Error) -> Unrecordable {
    let (code, message) = match error {
        sqlx::Error::Database(error) => (
            error.code().unwrap_or_default().into_owned(),
            error.message().to_owned(),
        ),
        error => (String::new(), error.to_string()),
    };
    Unrecordable::Refused { code, message }
}
