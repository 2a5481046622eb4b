//! The program put together: database, ledger, projections, HTTP.

pub mod checkpoints;
pub mod connections;
mod database;
pub mod housekeeping;
mod listener;
mod noted_body;
mod sending;
mod upkeep;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use chancery_ledger::{Ledger, LedgerConfig};
use chancery_operations::{Failure, Services, Settings, user};
use chancery_projections::Projections;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use checkpoints::{Integrity, Signer};
use connections::{ConnectionLimits, Connections};
pub use database::{OpenDatabaseError, Opened, connect_once, options_of};
use listener::Listener;

use crate::config::{AccessUrl, Config};
use crate::http::base::AppState;
use crate::http::base::state::Shared;
use crate::http::provisioner_daemon::Sessions;
use crate::http::{metrics, router};
use crate::metrics::Metrics;
use crate::rate_limit::Limiters;
use crate::setup_code::SetupCode;
use crate::signing_key::SigningKeyFile;
use crate::version::BUILD_VERSION;

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
    /// The services could not be started: the deployment cannot be read or made.
    #[error("the deployment cannot be read or made: {0}")]
    Services(#[from] Failure),
    /// The first user that the settings name could not be made.
    #[error("the first user cannot be made: {0}")]
    FirstUser(#[source] Failure),
}

/// A running server.
pub struct App {
    address: SocketAddr,
    state: AppState,
    database: Opened,
    stop: CancellationToken,
    server: JoinHandle<()>,
    metrics_server: Option<JoinHandle<()>>,
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
        let metrics = Metrics::new(config.clock.now());
        let ledger = LedgerConfig {
            memory_capacity: config.remembered_streams,
            observer: Some(metrics.record()),
            ..LedgerConfig::default()
        };
        let database = Opened::open(&config.database, ledger).await?;
        let projections = Projections::start(
            database.ledger.clone(),
            database.options.clone(),
            chancery_projections::Config::default(),
        )
        .await?;
        let state = state(
            config,
            address,
            database.ledger.clone(),
            projections,
            metrics,
        )
        .await?;
        let stop = CancellationToken::new();
        let upkeep = tokio::spawn(upkeep::run(state.clone(), stop.clone()));
        let housekeeping = tokio::spawn(housekeeping::run(state.services.clone(), stop.clone()));
        let signer =
            signer(&state, &database.ledger).map(|signer| tokio::spawn(signer.run(stop.clone())));
        let metrics_server = metrics_server(&state)
            .await?
            .map(|listener| tokio::spawn(listener.run(stop.clone())));
        let server = tokio::spawn(server(listener, &state).run(stop.clone()));
        Ok(Self {
            address,
            state,
            database,
            stop,
            server,
            metrics_server,
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

    /// Stops taking requests, answers those under way (for as long as the grace lasts), and closes everything in order. Returns
    /// [`CLOSED_WITHIN`] after the grace at the latest, whatever the database does: nothing that was answered depends on
    /// what is cut short.
    pub async fn stop(self) -> Result<(), AppError> {
        let grace = self.state.config.shutdown_grace;
        let deadline = Instant::now() + grace + CLOSED_WITHIN;
        self.stop.cancel();
        let abort = self.server.abort_handle();
        in_part("the daemons' sessions", self.state.sessions.stop()).await;
        match tokio::time::timeout(grace, self.server).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the server task failed"),
            Err(_) => {
                tracing::warn!(
                    ?grace,
                    "requests were still open after the grace; they are cut off"
                );
                abort.abort();
            }
        }
        let tasks = [
            ("upkeep", Some(self.upkeep)),
            ("housekeeping", Some(self.housekeeping)),
            ("metrics", self.metrics_server),
            ("signing of checkpoints", self.signer),
        ];
        let ends = tasks
            .into_iter()
            .filter_map(|(name, task)| Some(end(name, task?)));
        futures::future::join_all(ends).await;
        in_part("the read models", self.state.services.stop()).await;
        drop(self.state);
        self.database.close(deadline).await?;
        Ok(())
    }
}

/// Waits for a task that was told to stop.
async fn end(name: &str, mut task: JoinHandle<()>) {
    match tokio::time::timeout(PART_CLOSED_WITHIN, &mut task).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the task of {name} failed"),
        Err(_) => {
            tracing::warn!("the task of {name} did not end in time; it is cut off");
            task.abort();
        }
    }
}

/// Closes a part of the program, or goes on without.
async fn in_part(name: &str, closing: impl Future<Output = ()>) {
    if tokio::time::timeout(PART_CLOSED_WITHIN, closing)
        .await
        .is_err()
    {
        tracing::warn!("{name} did not close in time");
    }
}

async fn state(
    config: Config,
    address: SocketAddr,
    ledger: Ledger,
    projections: Projections,
    metrics: Metrics,
) -> Result<AppState, AppError> {
    let access_url = config
        .access_url
        .clone()
        .unwrap_or_else(|| AccessUrl::of_address(address));
    if !access_url.is_https() && !access_url.is_loopback() {
        tracing::warn!(
            %access_url,
            "clients reach the server by plain http: tokens can be read on the way, and MCP clients refuse such an issuer"
        );
    }
    let settings = Settings {
        access_url: access_url.as_str().to_owned(),
        server_version: BUILD_VERSION,
        lifetimes: config.lifetimes,
        quiet_hours: config.quiet_hours.clone(),
        license_keys: config.license_keys.clone(),
        idp_sync: config.idp_sync.clone(),
        scim_key: config.scim_key.clone(),
        password_attempts: config.rate_limits.password_attempts(),
        outbound: config.outbound.clone(),
    };
    let clock = config.clock.clone();
    let services = Services::start(settings, clock, ledger, projections).await?;
    if let Some(first_user) = config.first_user.clone() {
        let made = user::ensure_first(&services, first_user).await;
        made.map_err(AppError::FirstUser)?;
    }
    Ok(AppState::new(Shared {
        setup_code: SetupCode::generate(services.randomness()),
        services,
        access_url,
        limiters: Limiters::new(&config.rate_limits),
        connections: Connections::new(config.connections.limits.within_file_limit()),
        metrics,
        integrity: Integrity::default(),
        sessions: Sessions::default(),
        config,
    }))
}

/// Signs checkpoints, where there is a key to do so.
fn signer(state: &AppState, ledger: &Ledger) -> Option<Signer> {
    let settings = state.config.checkpoints.clone();
    let file = SigningKeyFile::of(&state.config.database, settings.signing_key_file.as_deref())
        .filter(|_| !settings.is_unsigned);
    let Some(file) = file else {
        tracing::warn!("{}", checkpoints::UNSIGNED);
        return None;
    };
    state.integrity.signs();
    Some(Signer {
        ledger: ledger.clone(),
        file,
        settings,
        clock: state.services.clock().clone(),
        randomness: state.services.randomness(),
        integrity: state.integrity.clone(),
    })
}

/// What answers at the address of the server.
fn server(socket: TcpListener, state: &AppState) -> Listener {
    Listener {
        socket,
        router: router::router(state.clone()),
        head_timeout: state.config.connections.head_timeout,
        send_timeout: state.config.connections.send_timeout,
        connections: state.connections.clone(),
        trusted_proxies: state.config.trusted_proxies.clone(),
    }
}

/// What answers at the address of the metrics. An address that was not asked for may be taken: by another server on the same machine.
async fn metrics_server(state: &AppState) -> Result<Option<Listener>, AppError> {
    let address = state.config.metrics_address;
    let socket = match TcpListener::bind(address.unwrap_or(METRICS_ADDRESS)).await {
        Ok(socket) => socket,
        Err(error) if address.is_none() => {
            tracing::warn!(%error, address = %METRICS_ADDRESS, "there are no metrics: their address cannot be listened on");
            return Ok(None);
        }
        Err(source) => {
            let address = address.unwrap_or(METRICS_ADDRESS);
            return Err(AppError::Listen { address, source });
        }
    };
    Ok(Some(Listener {
        socket,
        router: metrics::router(state.clone()),
        head_timeout: state.config.connections.head_timeout,
        send_timeout: state.config.connections.send_timeout,
        connections: Connections::new(METRICS_CONNECTIONS),
        trusted_proxies: Vec::new(),
    }))
}

/// Longest time between the end of the grace and the end of the program.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);
/// Longest time for one of the parts that are closed one after the other.
const PART_CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// Where metrics are served unless it is said: the usual port of Prometheus exporters, for this machine only.
pub const METRICS_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);
/// A few programs read metrics.
const METRICS_CONNECTIONS: ConnectionLimits = ConnectionLimits {
    total: 16,
    per_address: 16,
};

/// How often stamps are written and forgotten rate-limit keys dropped.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);
