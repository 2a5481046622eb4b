//! What happens to tokens after their exchange: refresh, introspection and revocation, each checked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::exchange::{App, Exchange, Tokens};
use crate::http::Connection;
use crate::load::{Answer, Failure, Scenario};

/// Refreshes again and again, each time with the token that the last refresh gave.
pub struct Refresh {
    app: App,
    tokens: Tokens,
}

impl Refresh {
    /// Refreshes of a grant of `app`, beginning with its present tokens.
    pub fn new(app: &App, tokens: Tokens) -> Self {
        let app = app.clone();
        Self { app, tokens }
    }
}

impl Scenario for Refresh {
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        let form = format!(
            "grant_type=refresh_token&refresh_token={}",
            self.tokens.refresh
        );
        let request = authenticated(&self.app, "/oauth2/tokens", &form);
        let answer = connection.send(&request).await?;
        let before = self.tokens.access.clone();
        if answer.status == 200 && self.tokens.take(answer.body) && self.tokens.access != before {
            Ok(Answer::Granted)
        } else {
            Err(Failure::unexpected("refresh", answer.status, answer.body))
        }
    }
}

/// Asks again and again what a working token is worth.
pub struct Introspection {
    request: Vec<u8>,
}

impl Introspection {
    /// Introspections of `access_token` by `app`.
    pub fn new(app: &App, access_token: &str) -> Self {
        let form = format!("token={access_token}");
        Self {
            request: authenticated(app, "/oauth2/introspect", &form),
        }
    }
}

impl Scenario for Introspection {
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        let answer = connection.send(&self.request).await?;
        let is_active = answer.body.starts_with(br#"{"active":true,"#);
        if answer.status == 200 && is_active {
            Ok(Answer::Granted)
        } else {
            Err(Failure::unexpected(
                "introspect",
                answer.status,
                answer.body,
            ))
        }
    }
}

/// Refresh tokens of one user, in the order in which they were issued.
pub type Stock = Rc<RefCell<VecDeque<String>>>;

/// Exchanges for a resource of their own each, so that all the tokens live, and keeps them.
pub struct Stocking {
    exchange: Exchange,
    left: usize,
    stock: Stock,
}

impl Stocking {
    /// So many grants of the user who holds `session`, to be put into `stock`; `round` tells them from those before.
    pub fn new(app: &App, session: &str, round: usize, grants: usize, stock: Stock) -> Self {
        let resources = (0..grants).map(|grant| format!("https://mcp.example.com/{round}/{grant}"));
        Self {
            exchange: Exchange::bound_to(app, session, resources),
            left: grants,
            stock,
        }
    }
}

impl Scenario for Stocking {
    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        self.left -= 1;
        let answer = self.exchange.once(connection).await?;
        let token = self.exchange.tokens().refresh.clone();
        self.stock.borrow_mut().push_back(token);
        Ok(answer)
    }

    fn is_over(&self) -> bool {
        self.left == 0
    }
}

/// Revokes the tokens of a stock, one after the other.
pub struct Revocation {
    app: App,
    stock: Stock,
}

impl Revocation {
    /// Revocations by `app` of what is in `stock`.
    pub fn new(app: &App, stock: Stock) -> Self {
        let app = app.clone();
        Self { app, stock }
    }
}

impl Scenario for Revocation {
    const WARMS_UP: bool = false;

    async fn once(&mut self, connection: &mut Connection) -> Result<Answer, Failure> {
        let token = self.stock.borrow_mut().pop_front().unwrap_or_default();
        let request = authenticated(&self.app, "/oauth2/revoke", &format!("token={token}"));
        let answer = connection.send(&request).await?;
        if answer.status == 200 {
            Ok(Answer::Granted)
        } else {
            Err(Failure::unexpected("revoke", answer.status, answer.body))
        }
    }

    fn is_over(&self) -> bool {
        self.stock.borrow().is_empty()
    }
}

/// A form posted to `path` by `app`, with its secret in the form.
fn authenticated(app: &App, path: &str, form: &str) -> Vec<u8> {
    let App {
        host,
        client_id,
        client_secret,
        ..
    } = app;
    let form = format!("{form}&client_id={client_id}&client_secret={client_secret}");
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}
