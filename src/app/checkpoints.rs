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
/// What is said of a log that nobody signs.
pub const UNSIGNED: &str =
    "the record is not signed: whoever can write the database can rewrite it unseen";

/// What this server knows of the log's integrity: it verifies what it signs.
#[derive(Clone, Debug, Default)]
pub struct Integrity(Arc<Mutex<Report>>);

/// What [`Integrity`] knows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Whether this server signs, or would if nothing were wrong.
    pub signs: bool,
    /// The last checkpoint it made, and so the last position it verified.
    pub checkpoint: Option<Checkpoint>,
    /// When it last verified all there was, and signed it or found it signed.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it last verified or tried to.
    pub tried_at: Option<DateTime<Utc>>,
    /// Why it signs nothing more: the log was altered, or is not the one it signed.
    pub altered: Option<String>,
    /// Why the last attempt failed otherwise.
    pub error: Option<String>,
}

impl Report {
    /// Why what is recorded now is not going to be signed; None while it is.
    pub fn problem(&self) -> Option<&str> {
        let failure = self.altered.as_deref().or(self.error.as_deref());
        failure.or((!self.signs).then_some(UNSIGNED))
    }
}

impl Integrity {
    /// What is known now.
    pub fn report(&self) -> Report {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// There is a signer.
    pub fn signs(&self) {
        self.update(|report| report.signs = true);
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
                        report.verified_at = tried_at;
                        report.tried_at = tried_at;
                        report.checkpoint = made.or_else(|| report.checkpoint.take());
                        report.altered = None;
                        report.error = None;
                    });
                }
                Err(error) => {
                    let altered =
                        matches!(&error, SignError::Checkpoint(error) if error.is_alteration());
                    if altered {
                        tracing::error!(%error, "THE RECORD OF EVENTS WAS ALTERED; nothing is signed any more");
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
        let made = sign(checkpoints, &self.file, self.randomness, self.clock.now());
        Ok(match made.await? {
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

/// Signs what is new with the key of the file; None when nothing is. What is signed is remembered first, so that whatever is
/// cut off, nothing is signed later that does not extend it.
pub async fn sign(
    checkpoints: &Checkpoints,
    file: &SigningKeyFile,
    randomness: Randomness,
    now: DateTime<Utc>,
) -> Result<Option<Checkpoint>, SignError> {
    file.load_or_create(randomness)?;
    let _turn = file.turn().await?;
    let key = key_in_force(checkpoints, file, randomness).await?;
    let last = file.last_signed()?;
    let Some(signed) = checkpoints.sign(&key, last.as_ref()).await? else {
        return Ok(None);
    };
    file.remember(&signed.last_signed)?;
    checkpoints.publish(&signed, now).await?;
    Ok(Some(signed.checkpoint))
}

/// The key of the file, once it is recorded as the one in force. Finishes a rotation that was cut off between the record
/// and the file.
pub async fn key_in_force(
    checkpoints: &Checkpoints,
    file: &SigningKeyFile,
    randomness: Randomness,
) -> Result<SigningKey, SignError> {
    let key = file.load_or_create(randomness)?;
    match checkpoints.ensure_key(&key).await {
        Ok(recorded) => {
            if let KeyInForce::Recorded(public_key) = recorded {
                tracing::info!(%public_key, "checkpoints of the ledger are signed; keep this public key elsewhere");
            }
            Ok(key)
        }
        Err(CheckpointError::OtherKey { in_force, given }) => match file.load_next()? {
            Some(next) if next.public(in_force.name()) == in_force => {
                file.adopt_next()?;
                Ok(next)
            }
            _ => Err(CheckpointError::OtherKey { in_force, given }.into()),
        },
        Err(error) => Err(error.into()),
    }
}
