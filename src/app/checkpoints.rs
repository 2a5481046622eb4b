//! Signs checkpoints now and then, beside requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chancery_ledger::{
    Checkpoint, CheckpointError, Checkpoints, KeyInForce, Ledger, Position, SigningKey,
};
use chrono::{DateTime, Utc};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::CheckpointSettings;
use crate::randomness::Randomness;
use crate::signing_key::{SigningKeyError, SigningKeyFile};

/// How often it is looked whether a checkpoint is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long is waited after a failure.
const PAUSE: Duration = Duration::from_secs(30);

/// What this server knows of the log's integrity: it verifies what it signs.
#[derive(Clone, Debug, Default)]
pub struct Integrity(Arc<Mutex<Report>>);

/// What [`Integrity`] knows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Whether this server has a key to sign with.
    pub signs: bool,
    /// The last checkpoint it made, and so the last position it verified.
    pub checkpoint: Option<Checkpoint>,
    /// When it last verified or tried to.
    pub tried_at: Option<DateTime<Utc>>,
    /// Why it signs nothing more: the log was altered.
    pub altered: Option<String>,
    /// Why the last attempt failed otherwise.
    pub error: Option<String>,
}

impl Integrity {
    /// What is known now.
    pub fn report(&self) -> Report {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn update(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is no usable key.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// Nothing was signed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Makes checkpoints until told to stop.
pub struct Signer {
    /// The log.
    pub ledger: Ledger,
    /// The key's file.
    pub file: SigningKeyFile,
    /// How often.
    pub settings: CheckpointSettings,
    /// For the checkpoints' times.
    pub clock: Clock,
    /// For the first key.
    pub randomness: Randomness,
    /// Told of what was found.
    pub integrity: Integrity,
}

impl Signer {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        self.integrity.update(|report| report.signs = true);
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.sign() => {}
        }
    }

    async fn sign(&self) {
        let checkpoints = Checkpoints::new(self.ledger.reader());
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut signed = Position::START;
        let mut last: Option<Instant> = None;
        loop {
            ticks.tick().await;
            let head = self.ledger.head();
            let is_due = match last {
                None => true,
                Some(last) => {
                    head.0 - signed.0 >= self.settings.events
                        || (head > signed && last.elapsed() >= self.settings.interval)
                }
            };
            if !is_due {
                continue;
            }
            let outcome = self.once(&checkpoints).await;
            last = Some(Instant::now());
            let tried_at = Some(self.clock.now());
            match outcome {
                Ok(made) => {
                    signed = made.as_ref().map_or(head, |made| made.position);
                    self.integrity.update(|report| {
                        report.tried_at = tried_at;
                        report.checkpoint = made.or_else(|| report.checkpoint.take());
                        report.altered = None;
                        report.error = None;
                    });
                }
                Err(error) => {
                    let altered =
                        matches!(error, SignError::Checkpoint(CheckpointError::Altered(_)));
                    if altered {
                        tracing::error!(%error, "the record of events was altered");
                    } else {
                        tracing::warn!(%error, "no checkpoint was made");
                    }
                    self.integrity.update(|report| {
                        report.tried_at = tried_at;
                        let reason = Some(error.to_string());
                        (report.altered, report.error) = if altered {
                            (reason, None)
                        } else {
                            (None, reason)
                        };
                    });
                    tokio::time::sleep(PAUSE).await;
                    last = None;
                }
            }
        }
    }

    async fn once(&self, checkpoints: &Checkpoints) -> Result<Option<Checkpoint>, SignError> {
        let now = self.clock.now();
        let key = key_in_force(checkpoints, &self.file, self.randomness, now).await?;
        Ok(match checkpoints.make(&key, now).await? {
            Some(made) => Some(made),
            None => self
                .ledger
                .reader()
                .latest_checkpoint()
                .await
                .map_err(CheckpointError::from)?,
        })
    }
}

/// The key of the file, once it is recorded as the one in force. Finishes a rotation that was cut off between the record
/// and the file.
pub async fn key_in_force(
    checkpoints: &Checkpoints,
    file: &SigningKeyFile,
    randomness: Randomness,
    now: DateTime<Utc>,
) -> Result<SigningKey, SignError> {
    let key = file.load_or_create(randomness)?;
    match checkpoints.ensure_key(&key, now).await {
        Ok(recorded) => {
            if recorded == KeyInForce::Recorded {
                let public_key = key.public();
                tracing::info!(%public_key, "checkpoints of the ledger are signed; keep this public key elsewhere");
            }
            Ok(key)
        }
        Err(CheckpointError::OtherKey { in_force, given }) => match file.load_next()? {
            Some(next) if next.public().id() == in_force => {
                file.adopt_next()?;
                Ok(next)
            }
            _ => Err(CheckpointError::OtherKey { in_force, given }.into()),
        },
        Err(error) => Err(error.into()),
    }
}
