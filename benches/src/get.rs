//! A GET whose answer is checked for its status only: a token's validation, and the bare handler beside it.

use crate::http::Connection;
use crate::load::{Answer, Failure, Scenario};

/// One GET, again and again.
pub struct Get {
    request: Vec<u8>,
    name: &'static str,
}

impl Get {
    /// GET of the signed-in user by bearer token: the server finds, checks and reads the token's user.
    pub fn token_validation(host: &str, access_token: &str) -> Self {
        Self {
            request: format!(
                "GET /api/v2/users/me HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {access_token}\r\n\r\n"
            )
            .into_bytes(),
            name: "users/me",
        }
    }

    /// GET of `path` by session token.
    pub fn with_session(host: &str, session: &str, name: &'static str, path: &str) -> Self {
        Self {
            request: format!(
                "GET {path} HTTP/1.1\r\nhost: {host}\r\ncoder-session-token: {session}\r\n\r\n"
            )
            .into_bytes(),
            name,
        }
    }

    /// GET of the build information, which needs no token and no database.
    pub fn bare_handler(host: &str) -> Self {
        Self {
            request: format!("GET /api/v2/buildinfo HTTP/1.1\r\nhost: {host}\r\n\r\n").into_bytes(),
            name: "buildinfo",
        }
    }
}

impl Scenario for Get {
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        let answer = connection.send(&self.request).await?;
        if answer.status == 200 {
            Ok(Answer::Granted)
        } else {
            Err(Failure::unexpected(self.name, answer.status, answer.body))
        }
    }
}
