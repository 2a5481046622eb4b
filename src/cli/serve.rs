//! `chancery serve`.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Args};
use ipnet::IpNet;
use tokio::signal::unix::{SignalKind, signal};

use super::database::DatabaseArguments;
use super::logging::LogArguments;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{AccessUrl, Config, Lifetimes};
use crate::rate_limit::{Rate, RateLimits};

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

    #[command(flatten)]
    database: DatabaseArguments,

    #[command(flatten)]
    sessions: SessionArguments,

    #[command(flatten)]
    requests: RequestArguments,

    #[command(flatten)]
    log: LogArguments,
}

/// Flags about sessions and tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sessions and tokens")]
struct SessionArguments {
    /// How long a session lives without being used
    #[arg(long, env = "CHANCERY_SESSION_DURATION", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    session_duration: Duration,

    /// How long an `OAuth2` access token lives
    #[arg(long, env = "CHANCERY_ACCESS_TOKEN_LIFETIME", value_name = "DURATION", default_value = "24h", value_parser = lifetime)]
    access_token_lifetime: Duration,

    /// How long an `OAuth2` refresh token lives
    #[arg(long, env = "CHANCERY_REFRESH_TOKEN_LIFETIME", value_name = "DURATION", default_value = "30d", value_parser = lifetime)]
    refresh_token_lifetime: Duration,

    /// The longest lifetime that an API token may ask for
    #[arg(long, env = "CHANCERY_MAX_TOKEN_LIFETIME", value_name = "DURATION", default_value = "365d", value_parser = lifetime)]
    max_token_lifetime: Duration,

    /// Whether cookies are sent by browsers over https only [default: when the access URL is https]
    #[arg(long, env = "CHANCERY_SECURE_COOKIES", value_name = "BOOL", action = ArgAction::Set)]
    secure_cookies: Option<bool>,
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

    /// How long requests under way may go on after a signal to stop
    #[arg(long, env = "CHANCERY_SHUTDOWN_GRACE", value_name = "DURATION", default_value = "20s", value_parser = lifetime)]
    shutdown_grace: Duration,

    /// Let every request through, however many there are. For tests and benchmarks
    #[arg(long, env = "CHANCERY_DANGEROUS_DISABLE_RATE_LIMITS")]
    dangerous_disable_rate_limits: bool,

    /// Password logins for one account, as <count>/<s|m|h>[:<burst>]
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

    /// Authorization requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_AUTHORIZE", value_name = "RATE", default_value_t = RateLimits::DEFAULT.authorize)]
    rate_limit_authorize: Rate,

    /// Other API requests from one address
    #[arg(long, env = "CHANCERY_RATE_LIMIT_API", value_name = "RATE", default_value_t = RateLimits::DEFAULT.api)]
    rate_limit_api: Rate,
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.as_secs() == 0 {
        return Err("must be at least 1s".to_owned());
    }
    Ok(duration)
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
            secure_cookies: self.sessions.secure_cookies,
            trusted_proxies: self.requests.trusted_proxies,
            rate_limits: RateLimits {
                enabled: !self.requests.dangerous_disable_rate_limits,
                login_account: self.requests.rate_limit_login_account,
                login: self.requests.rate_limit_login,
                first_user: self.requests.rate_limit_first_user,
                token: self.requests.rate_limit_token,
                authorize: self.requests.rate_limit_authorize,
                api: self.requests.rate_limit_api,
            },
            request_timeout: self.requests.request_timeout,
            shutdown_grace: self.requests.shutdown_grace,
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
    match app.state().has_first_user().await {
        Ok(true) => {}
        Ok(false) => {
            println!("There is no user yet. Make the first one at {url}/setup or with:");
            println!(
                "  curl -X POST {url}/api/v2/users/first -H 'Content-Type: application/json' \\"
            );
            println!(
                "    -d '{{\"email\":\"admin@example.com\",\"username\":\"admin\",\"password\":\"<8 characters or more>\"}}'"
            );
        }
        Err(error) => {
            tracing::warn!(message = %error.body.message, "cannot tell whether there is a first user")
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
        assert_eq!(lifetime("30d").unwrap(), Duration::from_secs(30 * 86_400));
        assert!(lifetime("0s").is_err());
        assert!(lifetime("soon").is_err());
    }
}
