//! OAuth2 clients and what they send.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Params, Server, Session};

/// An OAuth2 app with a secret, as its owner knows it.
#[derive(Clone, Debug)]
pub struct App {
    /// The app's id, which is the `client_id`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its secret.
    pub secret_id: String,
    /// Its secret.
    pub secret: String,
    /// Its callback URL.
    pub callback_url: String,
}

impl App {
    /// The least an authorization request says.
    pub fn authorization(&self) -> Params {
        Params::new()
            .and("client_id", &self.id)
            .and("response_type", "code")
            .and("state", "state-of-the-client")
    }

    /// The exchange of `code`, with the secret in the form.
    pub fn exchange(&self, code: &str) -> Params {
        Params::new()
            .and("grant_type", "authorization_code")
            .and("client_id", &self.id)
            .and("client_secret", &self.secret)
            .and("code", code)
    }

    /// The refresh with `token`, with the secret in the form.
    pub fn refresh(&self, token: &str) -> Params {
        Params::new()
            .and("grant_type", "refresh_token")
            .and("client_id", &self.id)
            .and("client_secret", &self.secret)
            .and("refresh_token", token)
    }

    /// The value of a Basic `Authorization` header for this client.
    pub fn basic(&self) -> String {
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", self.id, self.secret))
        )
    }

    /// Authorizes and exchanges without PKCE and resource.
    pub async fn tokens(&self, user: &Session<'_>) -> Tokens {
        let code = user.code(&self.authorization()).await;
        Tokens::of(user.server, &self.exchange(&code)).await
    }
}

/// A PKCE pair (RFC 7636).
#[derive(Clone, Debug)]
pub struct Pkce {
    /// The verifier.
    pub verifier: String,
    /// Its S256 challenge.
    pub challenge: String,
}

impl Pkce {
    /// The pair of a verifier.
    pub fn of(verifier: &str) -> Self {
        Self {
            verifier: verifier.to_owned(),
            challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }

    /// The pair of RFC 7636 appendix B.
    pub fn rfc7636() -> Self {
        Self::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }

    /// Adds the challenge to an authorization request.
    #[must_use]
    pub fn asked(&self, query: Params) -> Params {
        query
            .and("code_challenge", &self.challenge)
            .and("code_challenge_method", "S256")
    }
}

/// What the token endpoint hands out.
#[derive(Clone, Debug, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
}

impl Tokens {
    /// Sends a request to the token endpoint that must succeed.
    pub async fn of(server: &Server, form: &Params) -> Self {
        serde_json::from_value(server.token(form).await.expect(200).json()).expect("tokens")
    }

    /// The status that the access token gets on `/api/v2/users/me`.
    pub async fn status(&self, server: &Server) -> u16 {
        let request = server.request(reqwest::Method::GET, "/api/v2/users/me");
        super::Answer::to(request.bearer_auth(&self.access_token))
            .await
            .status
            .as_u16()
    }
}
