//! Why nothing was fetched.

use std::error::Error;

use crate::resolver::Forbidden;

/// Why nothing was fetched. The texts tell a stranger nothing of the server's own network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Another scheme than https.
    #[error("it is not an https URL")]
    NotHttps,
    /// The URL carries a user name or a password.
    #[error("the URL must not have a user name or a password")]
    Credentials,
    /// None of the host's addresses is public, or allowed by the operator.
    #[error("the host is not on the public internet")]
    Forbidden,
    /// The name does not resolve, nobody listens, or TLS fails; what it was is for the log.
    #[error("the host cannot be reached")]
    Unreachable(String),
    /// It takes too long, be it because too much is fetched already.
    #[error("the host takes too long to answer")]
    TimedOut,
    /// A redirect, which is not followed.
    #[error("it redirects to another address")]
    Redirected,
    /// Another status than 200.
    #[error("it is answered with status {0}")]
    Status(u16),
    /// Not JSON, by its media type.
    #[error("it is not of the type application/json")]
    MediaType,
    /// The answer is compressed, which was not asked for.
    #[error("it is compressed")]
    Encoded,
    /// More bytes than are taken.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
}

impl FetchError {
    /// What the HTTP client says, told apart.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        let mut cause: Option<&dyn Error> = Some(error);
        let mut last = error.to_string();
        while let Some(error) = cause {
            if error.is::<Forbidden>() {
                return Self::Forbidden;
            }
            last = error.to_string();
            cause = error.source();
        }
        Self::Unreachable(last)
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The authorities' certificates cannot be read.
    #[error("the certificates of further authorities cannot be read: {0}")]
    Authorities(#[source] reqwest::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}
