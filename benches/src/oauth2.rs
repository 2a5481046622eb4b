//! The rows of exchanges and of what is done with their tokens.

use std::cell::Cell;

use crate::cluster::Cluster;
use crate::exchange::{Exchange, Tokens};
use crate::get::Get;
use crate::http::Connection;
use crate::load::{self, Scenario, Window};
use crate::log::Ready;
use crate::plan::MOST_CLIENTS;
use crate::points::{Beside, Row, Served};
use crate::stages::Run;
use crate::tokens::{Introspection, Refresh, Revocation, Stock, Stocking};

/// The MCP server the exchanged tokens are bound to; it need not exist.
const RESOURCE: &str = "https://mcp.example.com/mcp";
const REVOKED: &str = "SELECT count(*) FROM events WHERE event_type = 'grant_revoked'";
/// Longer than stocking takes anywhere; it ends when all is there.
const STOCKING: Window = Window {
    warm_up: std::time::Duration::ZERO,
    measured: std::time::Duration::from_mins(10),
};

impl Run<'_> {
    /// Full exchanges, of a user for each client.
    pub(crate) async fn exchanges(
        &mut self,
        served: &Served<'_>,
        name: &str,
    ) -> anyhow::Result<()> {
        let row = Row {
            name,
            clients: self.plan.exchanging,
            beside: Beside::Commits,
        };
        let ready = served.ready;
        let measured = self
            .measure(served, row, async |clients| Ok(exchanges(ready, clients)))
            .await?;
        self.show(row, measured);
        Ok(())
    }

    /// Refreshes, each with the token that the last one gave; a new grant for each round.
    pub(crate) async fn refreshes(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = self.row("refresh", Beside::Commits);
        let ready = served.ready;
        let app = &ready.deployment.app;
        let measured = self
            .measure(served, row, async |clients| {
                let tokens = tokens(ready, clients, RESOURCE).await?;
                Ok(tokens
                    .into_iter()
                    .map(|tokens| Refresh::new(app, tokens))
                    .collect())
            })
            .await?;
        self.show(row, measured);
        Ok(())
    }

    /// Revocations of living grants, which are made before each round.
    pub(crate) async fn revocations(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = self.row("revocation", Beside::Commits);
        let (ready, grants) = (served.ready, self.plan.revocations);
        let app = &ready.deployment.app;
        let round = Cell::new(0);
        let revoked_before = revoked(self.cluster, ready.database).await?;
        let mut measured = self
            .measure(served, row, async |clients| {
                round.set(round.get() + 1);
                let stocks = stocks(ready, clients, round.get(), grants / clients).await?;
                let revocations = stocks.into_iter();
                Ok(revocations
                    .map(|stock| Revocation::new(app, stock))
                    .collect())
            })
            .await?;
        // Revoking what is dead already is answered likewise.
        let revoked = revoked(self.cluster, ready.database).await? - revoked_before;
        let answered: usize = measured.rounds.iter().map(|rounds| rounds.operations).sum();
        if usize::try_from(revoked)? < answered
            && let Some(rounds) = measured.rounds.last_mut()
        {
            rounds.add_failure(format!("{answered} revocations ended {revoked} grants"));
        }
        self.show(row, measured);
        Ok(())
    }

    /// Exchanges of many clients at once for one user of one app, which end each other's codes.
    pub(crate) async fn contended(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = Row {
            name: "contended exchange",
            clients: &[MOST_CLIENTS],
            beside: Beside::Commits,
        };
        let ready = served.ready;
        let measured = self
            .measure(served, row, async |clients| {
                let session = ready.sessions.first().into_iter().cycle().take(clients);
                let app = &ready.deployment.app;
                let exchange = |session: &String| Exchange::new(app, session, RESOURCE).contended();
                Ok(session.map(exchange).collect())
            })
            .await?;
        self.show(row, measured);
        Ok(())
    }

    /// Requests with a bearer token, which is bound to the server itself.
    pub(crate) async fn validations(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = self.row("token validation", Beside::BareHandler);
        let ready = served.ready;
        let host = &ready.deployment.app.host;
        let own = format!("http://{}", ready.program.address);
        let tokens = tokens(ready, MOST_CLIENTS, &own).await?;
        let measured = self
            .measure(served, row, async |clients| {
                let tokens = tokens.iter().take(clients);
                Ok(tokens
                    .map(|tokens| Get::token_validation(host, &tokens.access))
                    .collect())
            })
            .await?;
        self.show(row, measured);
        Ok(())
    }

    /// Introspections of a working token by its own app.
    pub(crate) async fn introspections(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = self.row("introspection", Beside::BareHandler);
        let ready = served.ready;
        let app = &ready.deployment.app;
        let tokens = tokens(ready, MOST_CLIENTS, RESOURCE).await?;
        let measured = self
            .measure(served, row, async |clients| {
                let tokens = tokens.iter().take(clients);
                Ok(tokens
                    .map(|tokens| Introspection::new(app, &tokens.access))
                    .collect())
            })
            .await?;
        self.show(row, measured);
        Ok(())
    }

    fn row(&self, name: &'static str, beside: Beside) -> Row<'static> {
        Row {
            name,
            clients: self.plan.clients,
            beside,
        }
    }
}

/// The exchanges of so many virtual clients.
pub fn exchanges(ready: &Ready, clients: usize) -> Vec<Exchange> {
    let sessions = ready.sessions.iter().take(clients);
    sessions
        .map(|session| Exchange::new(&ready.deployment.app, session, RESOURCE))
        .collect()
}

/// A new grant's tokens for each of so many clients, bound to `resource`.
async fn tokens(ready: &Ready, clients: usize, resource: &str) -> anyhow::Result<Vec<Tokens>> {
    let mut connection = Connection::open(ready.program.address).await?;
    let mut tokens = Vec::with_capacity(clients);
    for session in ready.sessions.iter().take(clients) {
        let mut exchange = Exchange::new(&ready.deployment.app, session, resource);
        exchange.once(&mut connection).await?;
        tokens.push(exchange.tokens().clone());
    }
    Ok(tokens)
}

/// So many living grants for each of so many clients.
async fn stocks(
    ready: &Ready,
    clients: usize,
    round: usize,
    grants: usize,
) -> anyhow::Result<Vec<Stock>> {
    let stocks: Vec<Stock> = (0..clients).map(|_| Stock::default()).collect();
    let app = &ready.deployment.app;
    let stocking = ready.sessions.iter().zip(&stocks);
    let stocking = stocking
        .map(|(session, stock)| Stocking::new(app, session, round, grants, Stock::clone(stock)));
    let outcome = load::run(
        &[ready.program.address],
        stocking.collect::<Vec<_>>(),
        STOCKING,
    )
    .await;
    anyhow::ensure!(
        outcome.failures == 0,
        "grants to be revoked: {}",
        outcome.examples.join("; ")
    );
    Ok(stocks)
}

async fn revoked(cluster: &Cluster, database: &str) -> anyhow::Result<i64> {
    let mut connection = cluster.connect(database).await?;
    Ok(sqlx::query_scalar(REVOKED)
        .fetch_one(&mut connection)
        .await?)
}
