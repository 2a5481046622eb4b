//! `chancery serve`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_operations::license::LicenseKey;
use chancery_operations::user::NewFirstUser;
use clap::{ArgAction, Args};
use ipnet::IpNet;
use tokio::signal::unix::{SignalKind, signal};

use super::database::DatabaseArguments;
use super::logging::LogArguments;
use crate::app::App;
use crate::app::checkpoints::UNSIGNED;
use crate::app::connections::ConnectionLimits;
use crate::clock::Clock;
use crate::config::{
    AccessUrl, CheckpointSettings, Config, ConnectionSettings, Lifetimes, QuietHours,
};
use crate::rate_limit::{Rate, RateLimits};
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

    #[command(flatten)]
    sessions: SessionArguments,

    #[command(flatten)]
    quiet_hours: QuietHoursArguments,

    /// Public keys by which licences are signed, as <kid>=<base64 or PEM file>; comma-separated
    #[arg(long = "license-key", env = "CHANCERY_LICENSE_KEYS", value_name = "KEY", value_delimiter = ',', value_parser = license_key)]
    license_keys: Vec<LicenseKey>,

    #[command(flatten)]
    requests: RequestArguments,

    #[command(flatten)]
    checkpoints: CheckpointArguments,

    #[command(flatten)]
    first_user: FirstUserArguments,

    #[command(flatten)]
    log: LogArguments,
}

/// Flags about the first user, for deployments that nobody watches start.
#[derive(Debug, Args)]
#[command(next_help_heading = "First user")]
#[expect(clippy::struct_field_names, reason = "a flag has its field's name")]
struct FirstUserArguments {
    /// E-mail address of the first user, who is made at the start if there is none
    #[arg(long, env = "CHANCERY_FIRST_USER_EMAIL", value_name = "EMAIL", requires_all = ["first_user_username", "first_user_password"])]
    first_user_email: Option<String>,

    /// User name of the first user
    #[arg(
        long,
        env = "CHANCERY_FIRST_USER_USERNAME",
        value_name = "NAME",
        requires = "first_user_email"
    )]
    first_user_username: Option<String>,

    /// Password of the first user. Other users of the machine can read flags: set the variable
    #[arg(
        long,
        env = "CHANCERY_FIRST_USER_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        requires = "first_user_email"
    )]
    first_user_password: Option<Secret>,
}

impl FirstUserArguments {
    fn user(self) -> Option<NewFirstUser> {
        Some(NewFirstUser {
            email: self.first_user_email?,
            username: self.first_user_username?,
            name: String::new(),
            password: self.first_user_password?,
        })
    }
}

/// Flags about signed checkpoints.
#[derive(Debug, Args)]
#[command(next_help_heading = "Checkpoints")]
struct CheckpointArguments {
    /// File of the key that signs checkpoints of the record; made when it is absent. What it signed last is kept beside it
    /// [default: in the data directory]
    #[arg(long, env = "CHANCERY_SIGNING_KEY_FILE", value_name = "FILE")]
    signing_key_file: Option<PathBuf>,

    /// Sign nothing: whoever can write the database can rewrite the record unseen
    #[arg(
        long,
        env = "CHANCERY_UNSIGNED_LOG",
        conflicts_with = "signing_key_file"
    )]
    unsigned_log: bool,

    /// Let anybody read the record's checkpoint and the hashes of its tree, which tell nothing of the events
    #[arg(long, env = "CHANCERY_PUBLIC_LOG")]
    public_log: bool,

    /// Sign after so many events
    #[arg(long, env = "CHANCERY_CHECKPOINT_EVENTS", value_name = "COUNT", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
    checkpoint_events: i64,

    /// Sign after so long, when there was any event
    #[arg(long, env = "CHANCERY_CHECKPOINT_INTERVAL", value_name = "DURATION", default_value = "10m", value_parser = lifetime)]
    checkpoint_interval: Duration,
}

/// Flags about sessions and tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sessions and tokens")]
struct SessionArguments {
    /// How long a session lives without being used
    #[arg(long, env = "CHANCERY_SESSION_DURATION", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    session_duration: Duration,

    /// How long an OAuth2 access token lives
    #[arg(long, env = "CHANCERY_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    access_token_lifetime: Duration,

    /// How long an OAuth2 refresh token lives
    #[arg(long, env = "CHANCERY_REFRESH_TOKEN_LIFETIME", value_name = "DURATION", default_value = "30d", value_parser = lifetime)]
    refresh_token_lifetime: Duration,

    /// The longest lifetime that an API token may ask for
    #[arg(long, env = "CHANCERY_MAX_TOKEN_LIFETIME", value_name = "DURATION", default_value = "365d", value_parser = lifetime)]
    max_token_lifetime: Duration,

    /// Whether cookies are sent by browsers over https only [default: when the access URL is https]
    #[arg(long, env = "CHANCERY_SECURE_COOKIES", value_name = "BOOL", action = ArgAction::Set)]
    secure_cookies: Option<bool>,
}

/// Flags about quiet hours.
#[derive(Debug, Args)]
#[command(next_help_heading = "Quiet hours")]
struct QuietHoursArguments {
    /// When the quiet hours of users begin who have no schedule of their own, as cron text with one time each day
    #[arg(long, env = "CHANCERY_QUIET_HOURS_DEFAULT_SCHEDULE", value_name = "SCHEDULE", default_value = "CRON_TZ=UTC 0 0 * * *", value_parser = QuietHoursSchedule::parse)]
    quiet_hours_default_schedule: QuietHoursSchedule,

    /// Whether users may have quiet hours schedules of their own
    #[arg(long, env = "CHANCERY_ALLOW_CUSTOM_QUIET_HOURS", value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    allow_custom_quiet_hours: bool,
}

/// Flags about requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Requests")]
struct RequestArguments {
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; comma-separated
    #[arg(long, env = "CHANCERY_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    trusted_proxies: Vec<IpNet>,

    /// The longest time a request may take
    #[arg(long, env = "CHANCERY_REQUEST_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = lifetime)]
    request_timeout: Duration,

    /// How long a connection may wait for the whole head of its next request
    #[arg(long, env = "CHANCERY_HEAD_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = lifetime)]
    head_timeout: Duration,

    /// How long a client may take to read an answer
    #[arg(long, env = "CHANCERY_SEND_TIMEOUT", value_name = "DURATION", default_value = "1m", value_parser = lifetime)]
    send_timeout: Duration,

    /// How many connections may be open; fewer where the system allows the process fewer files
    #[arg(long, env = "CHANCERY_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = ConnectionSettings::DEFAULT.limits.total)]
    max_connections: usize,

    /// How many of them may be from one address, trusted proxies excepted
    #[arg(long, env = "CHANCERY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = ConnectionSettings::DEFAULT.limits.per_address)]
    max_connections_per_address: usize,

    /// How long requests under way may go on after a signal to stop
    #[arg(long, env = "CHANCERY_SHUTDOWN_GRACE", value_name = "DURATION", default_value = "20s", value_parser = lifetime)]
    shutdown_grace: Duration,

    /// Let every request through, however many there are. For tests and benchmarks
    #[arg(long, env = "CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS")]
    dangerous_disable_rate_limits: bool,

    /// Password logins for one account from one address, as <count>/<s|m|h>[:<burst>]
    #[arg(long, env = "CHANCERY_RATE_LIMIT_LOGIN_ACCOUNT", value_name = "RATE", default_value_t = RateLimits::DEFAULT.login_account)]
    rate_limit_login_account: Rate,

    /// Password logins from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_LOGIN", value_name = "RATE", default_value_t = RateLimits::DEFAULT.login)]
    rate_limit_login: Rate,

    /// Attempts to make the first user, from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_FIRST_USER", value_name = "RATE", default_value_t = RateLimits::DEFAULT.first_user)]
    rate_limit_first_user: Rate,

    /// Token requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_TOKEN", value_name = "RATE", default_value_t = RateLimits::DEFAULT.token)]
    rate_limit_token: Rate,

    /// Introspection requests from one address. A resource server makes one for every request that it gets
    #[arg(long, env = "CHANCERY_RATE_LIMIT_INTROSPECT", value_name = "RATE", default_value_t = RateLimits::DEFAULT.introspect)]
    rate_limit_introspect: Rate,

    /// Authorization requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_AUTHORIZE", value_name = "RATE", default_value_t = RateLimits::DEFAULT.authorize)]
    rate_limit_authorize: Rate,

    /// Other API requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_API", value_name = "RATE", default_value_t = RateLimits::DEFAULT.api)]
    rate_limit_api: Rate,

    /// Reads of the past (`as_of`) by one user
    #[arg(long, env = "CHANCERY_RATE_LIMIT_PAST", value_name = "RATE", default_value_t = RateLimits::DEFAULT.past)]
    rate_limit_past: Rate,
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.as_secs() == 0 {
        return Err("must be at least 1s".to_owned());
    }
    Ok(duration)
}

/// A key with its id. What is no file is the key itself.
fn license_key(text: &str) -> Result<LicenseKey, String> {
    let (id, key) = text.split_once('=').ok_or("expected <kid>=<key>")?;
    let pem = std::fs::read_to_string(key);
    LicenseKey::parse(id, pem.as_deref().unwrap_or(key))
        .ok_or_else(|| "no Ed25519 public key in base64 or PEM".to_owned())
}

/// A network, or a single address.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
        .map_err(|error| error.to_string())
}

impl Arguments {
    fn config(self) -> anyhow::Result<Config> {
        let set = self.checkpoints.signing_key_file;
        let signing_key_file = self.database.signing_key_file(set);
        Ok(Config {
            http_address: self.http_address,
            access_url: self.access_url,
            database: self.database.database()?,
            lifetimes: Lifetimes {
                session: self.sessions.session_duration,
                access_token: self.sessions.access_token_lifetime,
                refresh_token: self.sessions.refresh_token_lifetime,
                api_token_max: self.sessions.max_token_lifetime,
            },
            quiet_hours: QuietHours {
                default_schedule: self.quiet_hours.quiet_hours_default_schedule,
                users_may_set: self.quiet_hours.allow_custom_quiet_hours,
            },
            license_keys: self.license_keys,
            secure_cookies: self.sessions.secure_cookies,
            trusted_proxies: self.requests.trusted_proxies,
            rate_limits: RateLimits {
                enabled: !self.requests.dangerous_disable_rate_limits,
                login_account: self.requests.rate_limit_login_account,
                login: self.requests.rate_limit_login,
                first_user: self.requests.rate_limit_first_user,
                token: self.requests.rate_limit_token,
                introspect: self.requests.rate_limit_introspect,
                authorize: self.requests.rate_limit_authorize,
                api: self.requests.rate_limit_api,
                past: self.requests.rate_limit_past,
            },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(network("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(network(" 10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
        assert!(network("proxy").is_err());
    }

    #[test]
    fn lifetimes_are_at_least_a_second() {
        assert_eq!(lifetime("30d").unwrap(), Duration::from_hours(30 * 24));
        assert!(lifetime("0s").is_err());
        assert!(lifetime("soon").is_err());
    }
}
