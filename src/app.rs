//! The program put together: database, ledger, projections, HTTP.

mod bootstrap;
pub mod checkpoints;
mod database;
pub mod housekeeping;
mod upkeep;

use std::net::SocketAddr;
use std::time::Duration;

use chancery_ledger::Ledger;
use chancery_projections::{Projections, Readers};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use bootstrap::BootstrapError;
use checkpoints::{Integrity, Signer};
pub use database::{OpenDatabaseError, Opened};

use crate::config::{AccessUrl, Config};
use crate::http::AppState;
use crate::http::oauth2::SecretUse;
use crate::http::router;
use crate::http::state::Services;
use crate::key_use::KeyUse;
use crate::metrics::Metrics;
use crate::password::{PasswordError, Passwords};
use crate::randomness::Randomness;
use crate::rate_limit::Limiters;
use crate::signing_key::SigningKeyFile;

/// Why the server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenDatabaseError),
    /// The projections could not be started.
    #[error("the projections cannot be started: {0}")]
    Projections(#[from] chancery_projections::StartError),
    /// The deployment could not be made.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Serving ended with an error.
    #[error("the server ended: {0}")]
    Serve(#[from] std::io::Error),
}

/// A running server.
pub struct App {
    address: SocketAddr,
    state: AppState,
    database: Opened,
    stop: CancellationToken,
    server: JoinHandle<Result<(), std::io::Error>>,
    upkeep: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
    signer: Option<JoinHandle<()>>,
}

impl App {
    /// Starts everything. When this returns, requests are answered.
    pub async fn start(config: Config) -> Result<Self, AppError> {
        let address = config.http_address;
        let listen = |source| AppError::Listen { address, source };
        // First, so that a taken port is found before PostgreSQL is started.
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let database = Opened::open(&config.database).await?;
        let projections = Projections::start(
            database.ledger.clone(),
            database.options.clone(),
            chancery_projections::Config::default(),
        )
        .await?;
        let state = state(config, address, database.ledger.clone(), projections).await?;
        let stop = CancellationToken::new();
        let upkeep = tokio::spawn(upkeep::run(state.clone(), stop.clone()));
        let housekeeping = tokio::spawn(housekeeping::run(state.clone(), stop.clone()));
        let signer = signer(&state).map(|signer| tokio::spawn(signer.run(stop.clone())));
        let server = tokio::spawn(serve(listener, state.clone(), stop.clone()));
        Ok(Self {
            address,
            state,
            database,
            stop,
            server,
            upkeep,
            housekeeping,
            signer,
        })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the handlers share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Where the data is, for people.
    pub fn data_place(&self) -> &str {
        &self.database.place
    }

    /// Stops taking requests, answers those under way (for as long as the grace lasts), and closes everything in order.
    pub async fn stop(self) -> Result<(), AppError> {
        let grace = self.state.config.shutdown_grace;
        self.stop.cancel();
        let abort = self.server.abort_handle();
        match tokio::time::timeout(grace, self.server).await {
            Ok(Ok(served)) => served?,
            Ok(Err(error)) => tracing::error!(%error, "the server task failed"),
            Err(_) => {
                tracing::warn!(
                    ?grace,
                    "requests were still open after the grace; they are cut off"
                );
                abort.abort();
            }
        }
        if let Err(error) = self.upkeep.await {
            tracing::error!(%error, "the upkeep task failed");
        }
        if let Err(error) = self.housekeeping.await {
            tracing::error!(%error, "the housekeeping task failed");
        }
        if let Some(signer) = self.signer
            && let Err(error) = signer.await
        {
            tracing::error!(%error, "the task that signs checkpoints failed");
        }
        self.state.projections.clone().stop().await;
        drop(self.state);
        self.database.close().await?;
        Ok(())
    }
}

async fn state(
    config: Config,
    address: SocketAddr,
    ledger: Ledger,
    projections: Projections,
) -> Result<AppState, AppError> {
    let randomness = Randomness;
    let deployment = bootstrap::ensure(&ledger, &config.clock, randomness).await?;
    let parallel = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(AppState::new(Services {
        access_url: config
            .access_url
            .clone()
            .unwrap_or_else(|| AccessUrl::of_address(address)),
        deployment_id: deployment.deployment_id,
        default_organization_id: deployment.default_organization_id,
        clock: config.clock.clone(),
        randomness,
        limiters: Limiters::new(&config.rate_limits),
        passwords: Passwords::new(parallel, randomness)?,
        key_use: KeyUse::default(),
        secret_use: SecretUse::default(),
        metrics: Metrics::default(),
        integrity: Integrity::default(),
        readers: Readers::new(projections.lookups()),
        projections,
        ledger,
        config,
    }))
}

/// Signs checkpoints, where there is a key to do so.
fn signer(state: &AppState) -> Option<Signer> {
    let settings = state.config.checkpoints.clone();
    let file = SigningKeyFile::of(&state.config.database, settings.signing_key_file.as_deref())
        .filter(|_| !settings.is_unsigned);
    let Some(file) = file else {
        tracing::warn!("{}", checkpoints::UNSIGNED);
        return None;
    };
    state.integrity.signs();
    Some(Signer {
        ledger: state.ledger.clone(),
        file,
        settings,
        clock: state.clock.clone(),
        randomness: state.randomness,
        integrity: state.integrity.clone(),
    })
}

async fn serve(
    listener: TcpListener,
    state: AppState,
    stop: CancellationToken,
) -> Result<(), std::io::Error> {
    use axum::serve::ListenerExt;

    let listener = listener.tap_io(|stream| {
        // Answers are small and whole: waiting to fill a packet only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let service = router::router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

/// How often stamps are written and forgotten rate-limit keys dropped.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);
