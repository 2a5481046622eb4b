//! One durable authorization-code exchange as a client makes it: POST authorize with a session, POST token with the code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::http::Connection;
use crate::load::{Answer, Failure, Scenario};

/// How many PKCE pairs a client has; they are used in turn.
const PAIRS: usize = 64;

/// The OAuth2 client in whose name the virtual clients exchange, and what they ask for.
#[derive(Clone, Debug)]
pub struct App {
    /// `host:port` of the server.
    pub host: String,
    /// `client_id`, a UUID.
    pub client_id: String,
    /// `client_secret`, of characters that need no escape in a form.
    pub client_secret: String,
    /// The registered callback URL.
    pub redirect_uri: String,
}

/// A virtual client's exchanges: every request but the code is made beforehand.
pub struct Exchange {
    rounds: Vec<Round>,
    next: usize,
    request: Vec<u8>,
    tokens: Tokens,
    is_contended: bool,
}

/// What an exchange or a refresh gave.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

struct Round {
    authorize: Vec<u8>,
    state: String,
    token_head: String,
    form_before_code: String,
    form_after_code: String,
}

impl Exchange {
    /// The exchanges of the user who holds `session`, for tokens bound to `resource`, each of which ends the one before.
    pub fn new(app: &App, session: &str, resource: &str) -> Self {
        Self::bound_to(app, session, (0..PAIRS).map(|_| resource.to_owned()))
    }

    /// The same, bound to one of `resources` after the other.
    pub fn bound_to(app: &App, session: &str, resources: impl IntoIterator<Item = String>) -> Self {
        let rounds = resources.into_iter().enumerate();
        Self {
            rounds: rounds
                .map(|(pair, resource)| Round::new(app, session, &resource, pair))
                .collect(),
            next: 0,
            request: Vec::new(),
            tokens: Tokens::default(),
            is_contended: false,
        }
    }

    /// The same, when others exchange for the same user: a code that one of them has ended is answered with
    /// `invalid_grant`, as it should be.
    pub fn contended(self) -> Self {
        Self {
            is_contended: true,
            ..self
        }
    }

    /// The tokens of the last exchange; empty before the first.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

impl Tokens {
    /// Takes both from the body of a token answer; false when they are not there.
    pub fn take(&mut self, body: &[u8]) -> bool {
        let found = [
            ("access_token", &mut self.access),
            ("refresh_token", &mut self.refresh),
        ];
        found.into_iter().all(|(name, token)| {
            text_field(body, name).is_some_and(|text| {
                token.clear();
                token.push_str(text);
                true
            })
        })
    }
}

impl Round {
    fn new(app: &App, session: &str, resource: &str, pair: usize) -> Self {
        let App {
            host,
            client_id,
            client_secret,
            redirect_uri,
        } = app;
        let verifier = digest_text(&format!("verifier {session} {pair}"));
        let challenge = digest_text(&verifier);
        let state = digest_text(&format!("state {session} {pair}"));
        let (redirect_uri, resource) = (escape(redirect_uri), escape(resource));
        Self {
            authorize: format!(
                "POST /oauth2/authorize?client_id={client_id}&response_type=code&redirect_uri={redirect_uri}&state={state}\
                 &resource={resource}&code_challenge={challenge}&code_challenge_method=S256 HTTP/1.1\r\n\
                 host: {host}\r\ncoder-session-token: {session}\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes(),
            state,
            token_head: format!(
                "POST /oauth2/tokens HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: "
            ),
            form_before_code: "grant_type=authorization_code&code=".to_owned(),
            form_after_code: format!(
                "&client_id={client_id}&client_secret={client_secret}&redirect_uri={redirect_uri}&resource={resource}&code_verifier={verifier}"
            ),
        }
    }

    fn write_token_request(&self, code: &str, request: &mut Vec<u8>) {
        let length = self.form_before_code.len() + code.len() + self.form_after_code.len();
        request.clear();
        for part in [
            self.token_head.as_str(),
            length.to_string().as_str(),
            "\r\n\r\n",
            &self.form_before_code,
            code,
            &self.form_after_code,
        ] {
            request.extend_from_slice(part.as_bytes());
        }
    }
}

impl Scenario for Exchange {
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        let round = &self.rounds[self.next];
        self.next = (self.next + 1) % self.rounds.len();

        let answer = connection.send(&round.authorize).await?;
        let code = match answer.location {
            Some(location)
                if answer.status == 302 && parameter(location, "state") == Some(&round.state) =>
            {
                parameter(location, "code")
            }
            _ => None,
        };
        let Some(code) = code else {
            return Err(Failure::unexpected("authorize", answer.status, answer.body));
        };
        round.write_token_request(code, &mut self.request);

        let answer = connection.send(&self.request).await?;
        match answer.status {
            200 if self.tokens.take(answer.body) => Ok(Answer::Granted),
            400 if self.is_contended
                && text_field(answer.body, "error") == Some("invalid_grant") =>
            {
                Ok(Answer::Refused)
            }
            _ => Err(Failure::unexpected("token", answer.status, answer.body)),
        }
    }
}

/// The value of `name` in a URL's query, as it stands there.
fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The text of a field in a JSON object of the server, without a JSON parser's cost: nothing there is escaped.
pub fn text_field<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(body).ok()?;
    let at = text.match_indices(name).find_map(|(start, _)| {
        let quoted = text[..start].ends_with('"');
        let value = text[start + name.len()..].strip_prefix("\":\"")?;
        quoted.then_some(value)
    })?;
    let (value, _) = at.split_once('"')?;
    (!value.is_empty()).then_some(value)
}

/// 43 characters of the unreserved set: a PKCE verifier, or the S256 challenge of one (RFC 7636 section 4).
fn digest_text(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Percent-encodes what a URL's query or a form does not take as it stands.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex::encode_upper([byte]));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        App {
            host: "127.0.0.1:3000".to_owned(),
            client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            client_secret: "coder_0123456789_secret".to_owned(),
            redirect_uri: "http://127.0.0.1:9876/callback".to_owned(),
        }
    }

    #[test]
    fn a_token_request_states_its_bodys_length() {
        let round = Round::new(&app(), "session", "https://mcp.example.com/mcp", 0);
        let mut request = Vec::new();
        round.write_token_request("coder_a_b", &mut request);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        assert!(body.contains("&resource=https%3A%2F%2Fmcp.example.com%2Fmcp&"));
    }

    #[test]
    fn the_challenge_sent_is_that_of_the_verifier_sent() {
        let round = Round::new(&app(), "session", "https://mcp.example.com/mcp", 3);
        let authorize = String::from_utf8(round.authorize).unwrap();
        let verifier = parameter(&format!("?{}", round.form_after_code), "code_verifier")
            .unwrap()
            .to_owned();
        assert!(authorize.contains(&format!("&code_challenge={}&", digest_text(&verifier))));
        assert_eq!(verifier.len(), 43);
    }

    #[test]
    fn code_and_token_are_found_in_the_answers() {
        assert_eq!(
            parameter("http://h/cb?x=1&code=c_1&state=s", "code"),
            Some("c_1")
        );
        assert_eq!(
            parameter("http://h/cb?error=access_denied&state=s", "code"),
            None
        );
        let body = br#"{"access_token":"k-s","token_type":"Bearer","refresh_token":"coder_k_s"}"#;
        let mut tokens = Tokens::default();
        assert!(tokens.take(body));
        assert_eq!(
            (tokens.access.as_str(), tokens.refresh.as_str()),
            ("k-s", "coder_k_s")
        );
        let refusal = br#"{"error":"invalid_grant","error_description":"no"}"#;
        assert!(!tokens.take(refusal));
        assert_eq!(text_field(refusal, "error"), Some("invalid_grant"));
    }
}
