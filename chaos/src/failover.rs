//! The standby takes over.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use crate::deployment::Deployment;
use crate::proxy::Weather;

/// The standby loses the primary for so long; then the primary dies and the standby is promoted in its place.
///
/// As with any manager of failovers, nobody reaches the old primary from then on.
pub(crate) async fn inject(deployment: &mut Deployment, away: Duration) -> anyhow::Result<()> {
    let standby = deployment.standby.as_ref().context("there is no standby")?;
    if !away.is_zero() {
        standby.link.set(Weather::Refused);
        standby.link.cut();
        sleep(away).await;
    }
    deployment.proxy.set(Weather::Refused);
    deployment.proxy.cut();
    standby.link.set(Weather::Refused);
    standby.link.cut();
    deployment.database.kill_all();
    sqlx::query(include_str!("sql/promote.sql"))
        .execute(&mut standby.database.connect().await?)
        .await?;
    deployment.promoted()?;
    deployment.proxy.set(Weather::Fair);
    Ok(())
}
