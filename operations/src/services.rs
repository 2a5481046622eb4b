//! What operations work with.

use std::fmt::Display;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chancery_aggregates::Noun;
use chancery_aggregates::oauth2_app::AppSecretId;
use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_ledger::{Access, Ledger, LedgerReader, Position};
use chancery_outbound::{JsonCache, Outbound};
use chancery_projections::registry::{self, View};
use chancery_projections::{ProjectionStatus, Projections, oauth2_app};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::clock::Clock;
use crate::deployment::{self, Identity};
use crate::failure::Failure;
use crate::idp_sync::InitialSync;
use crate::key_use::KeyUse;
use crate::license::LicenseKey;
use crate::password::Passwords;
use crate::password_attempts::PasswordAttempts;
use crate::provisioner_daemon::Presence;
use crate::randomness::Randomness;
use crate::rate::Rate;
use crate::secret::Secret;
use crate::shown::Shown;
use crate::stamps::Stamps;

/// Lifetimes of what the server hands out (docs/contract/oauth2.md 7.5, core 3.5).
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of a signed-in session; it slides while in use.
    pub session: Duration,
    /// Of an OAuth2 access token.
    pub access_token: Duration,
    /// Of an OAuth2 access token of a client that registered itself, where that is shorter.
    pub self_registered_access_token: Duration,
    /// Of an OAuth2 refresh token.
    pub refresh_token: Duration,
    /// The longest lifetime an API token may ask for.
    pub api_token_max: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            session: DAY,
            access_token: DAY,
            self_registered_access_token: Duration::from_hours(1),
            refresh_token: DAY * 30,
            api_token_max: DAY * 365,
        }
    }
}

/// Documents of clients that are kept at most.
const CLIENT_DOCUMENTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// What an operator decides, as far as operations depend on it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The URL by which clients reach the server: the audience of tokens that are for its own API.
    pub access_url: String,
    /// Recorded with every event.
    pub server_version: &'static str,
    /// Lifetimes of what is handed out.
    pub lifetimes: Lifetimes,
    /// When users are not to be disturbed.
    pub quiet_hours: QuietHours,
    /// By which licences are signed.
    pub license_keys: Vec<LicenseKey>,
    /// By which claims people are synchronised until somebody decides.
    pub idp_sync: InitialSync,
    /// What whoever provisions users by SCIM has to show; None: nobody does.
    pub scim_key: Option<Secret>,
    /// How often a password may be tried for one account from one host; None: as often as anyone likes.
    pub password_attempts: Option<Rate>,
    /// How what strangers name is fetched.
    pub outbound: chancery_outbound::Settings,
}

/// Quiet hours (contract quiet hours 3).
#[derive(Clone, Debug)]
pub struct QuietHours {
    /// The schedule of users who have none of their own.
    pub default_schedule: QuietHoursSchedule,
    /// Whether users may have schedules of their own.
    pub users_may_set: bool,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            default_schedule: QuietHoursSchedule::midnight_utc(),
            users_may_set: true,
        }
    }
}

/// How a pool of connections is used at this moment.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    /// Which.
    pub name: &'static str,
    /// Connections that somebody has.
    pub in_use: u32,
    /// Connections that wait for somebody.
    pub idle: u32,
    /// Connections that there may be.
    pub max: u32,
}

impl PoolUse {
    fn of(name: &'static str, pool: &PgPool) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self {
            name,
            in_use: pool.size().saturating_sub(idle),
            idle,
            max: pool.options().get_max_connections(),
        }
    }
}

/// The services. Clones share them. What can record is for this crate alone.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
    deployment: Identity,
}

struct Inner {
    settings: Settings,
    clock: Clock,
    randomness: Randomness,
    passwords: Passwords,
    password_attempts: Option<PasswordAttempts>,
    client_documents: JsonCache,
    key_use: KeyUse,
    secret_use: Stamps<AppSecretId>,
    presence: Presence,
    projections: Projections,
    shown: Shown,
    ledger: Ledger,
}

impl Services {
    /// Puts the services together. A new deployment is given its identity first.
    pub async fn start(
        settings: Settings,
        clock: Clock,
        ledger: Ledger,
        projections: Projections,
    ) -> Result<Self, Failure> {
        let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let randomness = Randomness;
        let outbound = Outbound::new(settings.outbound.clone());
        let outbound = outbound.map_err(|error| Failure::internal(&error))?;
        let inner = Inner {
            passwords: Passwords::new(parallel, randomness)?,
            password_attempts: settings.password_attempts.map(PasswordAttempts::new),
            client_documents: JsonCache::new(Arc::new(outbound), CLIENT_DOCUMENTS),
            key_use: KeyUse::default(),
            secret_use: Stamps::default(),
            presence: Presence::default(),
            shown: Shown::everywhere(),
            settings,
            clock,
            randomness,
            projections,
            ledger,
        };
        let mut services = Self {
            inner: Arc::new(inner),
            deployment: Identity::default(),
        };
        services.deployment = deployment::ensure(&services).await?;
        Ok(services)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Where ids and secrets come from.
    pub fn randomness(&self) -> Randomness {
        self.inner.randomness
    }

    /// The deployment's id and its default organization.
    pub fn deployment(&self) -> Identity {
        self.deployment
    }

    /// Reads the record of events.
    pub fn reader(&self) -> LedgerReader {
        self.inner.ledger.reader()
    }

    /// The last position of the record that this process knows.
    pub fn head(&self) -> Position {
        self.inner.ledger.head()
    }

    /// How many batches another server's append came before, since the start.
    pub fn lost_swaps(&self) -> u64 {
        self.inner.ledger.lost_swaps()
    }

    /// How often the database turned out to lack what this process had seen recorded.
    pub fn history_losses(&self) -> u64 {
        self.inner
            .ledger
            .lost_history()
            .map_or(0, |lost| lost.times)
    }

    /// How the connections to the database are used.
    pub fn pools(&self) -> [PoolUse; 2] {
        [
            PoolUse::of("queries", self.pool()),
            PoolUse::of("ledger", self.inner.ledger.pool()),
        ]
    }

    /// What the database lets be done.
    pub async fn access(&self) -> Result<Access, Failure> {
        Ok(self.inner.ledger.access().await?)
    }

    /// How the read models stand, asked on the way that requests go.
    pub async fn projections(&self) -> Result<Vec<ProjectionStatus>, Failure> {
        self.inner.projections.answers().await?;
        Ok(self.inner.projections.status().await?)
    }

    /// Stops the read models. Nothing that needs them is answered from here on.
    pub async fn stop(&self) {
        self.inner.projections.clone().stop().await;
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    pub(crate) fn read_models(&self) -> &Projections {
        &self.inner.projections
    }

    /// Where queries on read models are made.
    pub(crate) fn pool(&self) -> &PgPool {
        self.inner.projections.pool()
    }

    /// The registry as it is, or as it was at a position.
    pub(crate) fn view(&self, as_of: Option<Position>) -> View<'_> {
        let now = View::Now(self.pool());
        as_of.map_or(now, |until| View::Then(self.reader(), until))
    }

    /// The thing of this id as the registry shows it, now or at a position.
    pub(crate) async fn shown<N: Noun, I: FromStr>(
        &self,
        id: impl Display + Send,
        as_of: Option<Position>,
    ) -> Result<registry::Shown<N, I>, Failure> {
        let found = self.view(as_of).get(id).await?;
        found.ok_or(Failure::NotFound)
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// Counts a try of a password for the account of an e-mail address from where a request came.
    pub(crate) fn check_attempt(&self, email: &str, address: IpAddr) -> Result<(), Failure> {
        match &self.inner.password_attempts {
            Some(attempts) => Ok(attempts.check(email, address)?),
            None => Ok(()),
        }
    }

    /// Writes what is noted of keys in use, and which provisioner daemons are there. What cannot be written of keys waits on.
    pub async fn write_stamps(&self) -> Result<(), Failure> {
        let (pool, now) = (self.pool(), self.clock().now());
        self.inner.presence.flush(pool, now).await?;
        Ok(self.inner.key_use.flush(pool).await?)
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    /// The metadata documents of clients.
    pub(crate) fn client_documents(&self) -> &JsonCache {
        &self.inner.client_documents
    }

    pub(crate) fn key_use(&self) -> &KeyUse {
        &self.inner.key_use
    }

    /// Notes that a client secret authenticated its app now. Losing a stamp loses nothing, so a failure is only logged.
    pub(crate) async fn note_secret_use(&self, secret_id: AppSecretId) {
        let now = self.clock().now();
        if !self.inner.secret_use.is_due(&secret_id, now) {
            return;
        }
        if let Err(error) = oauth2_app::touch_secret(self.pool(), secret_id, now).await {
            tracing::warn!(%error, %secret_id, "the use of a client secret was not stamped");
        }
    }

    /// Waits until every read model that shows events of `aggregate_types` shows those until `position`.
    pub(crate) async fn wait_until_shown(
        &self,
        aggregate_types: &[&'static str],
        position: impl Into<Option<Position>>,
    ) -> Result<(), Failure> {
        let Some(position) = position.into() else {
            return Ok(());
        };
        let (shown, projections) = (&self.inner.shown, &self.inner.projections);
        Ok(shown.wait(projections, aggregate_types, position).await?)
    }

    /// Waits until every read model that shows events of `aggregate_types` shows all that was recorded until now, by whichever server:
    /// for those that whoever records does not wait for.
    pub(crate) async fn wait_until_present_shows(
        &self,
        aggregate_types: &[&'static str],
    ) -> Result<(), Failure> {
        let present = self.ledger().now().await?;
        self.wait_until_shown(aggregate_types, present.position())
            .await
    }

    /// A lifetime in whole seconds, and its end when it begins at `now`.
    pub(crate) fn expiry(
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Result<(i64, DateTime<Utc>), Failure> {
        let seconds = i64::try_from(lifetime.as_secs()).ok();
        seconds
            .and_then(TimeDelta::try_seconds)
            .and_then(|lifetime| Some((lifetime.num_seconds(), now.checked_add_signed(lifetime)?)))
            .ok_or_else(|| Failure::internal("a lifetime is beyond the end of time"))
    }
}
