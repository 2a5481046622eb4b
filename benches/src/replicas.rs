//! Several servers on one database: what they exchange together, and how often one loses the log's head to another.

use crate::log;
use crate::oauth2::exchanges;
use crate::plan::REPLICAS;
use crate::points::{Beside, Row, Served};
use crate::stages::Run;

impl Run<'_> {
    /// Exchanges with more and more servers, over which the clients are spread evenly. Afterwards one is left.
    pub(crate) async fn replicas(&mut self, served: &mut Served<'_>) -> anyhow::Result<()> {
        for count in REPLICAS {
            while served.servers.len() < count {
                let replica = served.ready.program.replica()?;
                served.servers.push(replica.serve().await?);
            }
            log::wait_for_projections(self.cluster, served.ready.database).await?;
            let row = Row {
                name: &format!("exchange, {count} replicas"),
                clients: self.plan.clients,
                beside: Beside::Commits,
            };
            let ready = served.ready;
            let measured = self
                .measure(served, row, async |clients| Ok(exchanges(ready, clients)))
                .await?;
            self.show(row, measured);
        }
        for server in served.servers.split_off(1) {
            server.stop().await?;
        }
        Ok(())
    }
}
