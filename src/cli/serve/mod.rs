//! `chancery serve`.

mod arguments;
mod idp_sync;
mod value;

use std::net::SocketAddr;
use std::process::ExitCode;

use chancery_ledger::LedgerConfig;
use chancery_operations::license::LicenseKey;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use self::arguments::{
    CheckpointArguments, FirstUserArguments, OutboundArguments, QuietHoursArguments,
    RequestArguments, SessionArguments,
};
use self::idp_sync::IdpSyncArguments;
use self::value::{license_key, scim_key};
use super::database::DatabaseArguments;
use super::logging::LogArguments;
use crate::app::App;
use crate::app::checkpoints::UNSIGNED;
use crate::app::connections::ConnectionLimits;
use crate::clock::Clock;
use crate::config::{
    AccessUrl, CheckpointSettings, Config, ConnectionSettings, Lifetimes, QuietHours,
};
use crate::rate_limit::RateLimits;
use crate::secret::Secret;

/// Flags of `serve`. Each is also an environment variable.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery serve\n  CHANCERY_DATABASE_URL=postgres://chancery@db/chancery chancery serve --access-url https://id.example.com"
)]
pub struct Arguments {
    /// Where to listen
    #[arg(
        long,
        env = "CHANCERY_HTTP_ADDRESS",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:3000"
    )]
    http_address: SocketAddr,

    /// The URL by which clients reach the server [default: <http://ADDRESS>]
    #[arg(long, env = "CHANCERY_ACCESS_URL", value_name = "URL")]
    access_url: Option<AccessUrl>,

    /// Where to serve metrics for Prometheus, at /metrics [default: 127.0.0.1:9464, if it is free]
    #[arg(long, env = "CHANCERY_METRICS_ADDRESS", value_name = "ADDRESS")]
    metrics_address: Option<SocketAddr>,

    #[command(flatten)]
    database: DatabaseArguments,

    /// How many streams, and unique keys, of the record are kept in memory, 1 to 2 KiB each; 0: none is, and each question is a query
    #[arg(long, env = "CHANCERY_REMEMBERED_STREAMS", value_name = "COUNT", default_value_t = LedgerConfig::default().memory_capacity)]
    remembered_streams: usize,

    #[command(flatten)]
    sessions: SessionArguments,

    #[command(flatten)]
    quiet_hours: QuietHoursArguments,

    /// Public keys by which licences are signed, as <kid>=<base64 or PEM file>; comma-separated
    #[arg(long = "license-key", env = "CHANCERY_LICENSE_KEYS", value_name = "KEY", value_delimiter = ',', value_parser = license_key)]
    license_keys: Vec<LicenseKey>,

    /// What an identity provider shows to make and suspend users by SCIM, at /scim/v2 [default: there is no SCIM]. Other users of
    /// the machine can read flags: set the variable
    #[arg(long, env = "CHANCERY_SCIM_KEY", value_name = "KEY", hide_env_values = true, value_parser = scim_key)]
    scim_key: Option<Secret>,

    #[command(flatten)]
    idp_sync: IdpSyncArguments,

    #[command(flatten)]
    requests: RequestArguments,

    #[command(flatten)]
    outbound: OutboundArguments,

    #[command(flatten)]
    checkpoints: CheckpointArguments,

    #[command(flatten)]
    first_user: FirstUserArguments,

    #[command(flatten)]
    log: LogArguments,
}

impl Arguments {
    fn config(self) -> anyhow::Result<Config> {
        let set = self.checkpoints.signing_key_file;
        let signing_key_file = self.database.signing_key_file(set);
        Ok(Config {
            http_address: self.http_address,
            access_url: self.access_url,
            database: self.database.database()?,
            remembered_streams: self.remembered_streams,
            lifetimes: Lifetimes {
                session: self.sessions.session_duration,
                access_token: self.sessions.access_token_lifetime,
                self_registered_access_token: self.sessions.self_registered_access_token_lifetime,
                refresh_token: self.sessions.refresh_token_lifetime,
                api_token_max: self.sessions.max_token_lifetime,
            },
            quiet_hours: QuietHours {
                default_schedule: self.quiet_hours.quiet_hours_default_schedule,
                users_may_set: self.quiet_hours.allow_custom_quiet_hours,
            },
            license_keys: self.license_keys,
            idp_sync: self.idp_sync.settings(),
            scim_key: self.scim_key,
            secure_cookies: self.sessions.secure_cookies,
            trusted_proxies: self.requests.trusted_proxies,
            rate_limits: RateLimits {
                enabled: !self.requests.dangerous_disable_rate_limits,
                login_account: self.requests.rate_limit_login_account,
                login: self.requests.rate_limit_login,
                first_user: self.requests.rate_limit_first_user,
                token: self.requests.rate_limit_token,
                register: self.requests.rate_limit_register,
                introspect: self.requests.rate_limit_introspect,
                authorize: self.requests.rate_limit_authorize,
                api: self.requests.rate_limit_api,
                past: self.requests.rate_limit_past,
            },
            outbound: self.outbound.settings()?,
            first_user: self.first_user.user(),
            metrics_address: self.metrics_address,
            connections: ConnectionSettings {
                limits: ConnectionLimits {
                    total: self.requests.max_connections,
                    per_address: self.requests.max_connections_per_address,
                },
                head_timeout: self.requests.head_timeout,
                send_timeout: self.requests.send_timeout,
            },
            request_timeout: self.requests.request_timeout,
            shutdown_grace: self.requests.shutdown_grace,
            checkpoints: CheckpointSettings {
                signing_key_file: signing_key_file.filter(|_| !self.checkpoints.unsigned_log),
                is_unsigned: self.checkpoints.unsigned_log,
                is_public: self.checkpoints.public_log,
                events: self.checkpoints.checkpoint_events,
                interval: self.checkpoints.checkpoint_interval,
            },
            clock: Clock::system(),
        })
    }
}

/// Runs the server until a signal stops it.
pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    arguments.log.start()?;
    // Before the start, so that a signal during a long start is not lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let config = arguments.config()?;
    let app = tokio::select! {
        app = App::start(config) => app?,
        _ = terminate.recv() => return Ok(ExitCode::SUCCESS),
        _ = interrupt.recv() => return Ok(ExitCode::from(130)),
    };
    greet(&app).await;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    app.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn greet(app: &App) {
    let url = &app.state().access_url;
    println!(
        "Chancery listens on http://{} and is reached at {url}",
        app.address()
    );
    println!("Data: {}", app.data_place());
    if !app.state().integrity.report().signs {
        println!("WARNING: {UNSIGNED}.");
    }
    match chancery_operations::deployment::has_first_user(&app.state().services).await {
        Ok(true) => {}
        Ok(false) => {
            println!("There is no user yet. Make the first one at {url}/setup or with:");
            println!(
                "  curl -X POST {url}/api/v2/users/first -H 'Content-Type: application/json' \\"
            );
            println!(
                "    -d '{{\"email\":\"admin@example.com\",\"username\":\"admin\",\"password\":\"<8 characters or more>\"}}'"
            );
            let code = app.state().setup_code.expose();
            println!("From elsewhere than this machine that needs \"setup_code\" as well: {code}");
        }
        Err(failure) => {
            tracing::warn!(%failure, "cannot tell whether there is a first user");
        }
    }
}
