//! What can go wrong.

use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use rand::Rng;
use rand::rngs::StdRng;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::check::{Column, Violation};
use crate::deployment::{Deployment, Needs, Replication};
use crate::load::Load;
use crate::process::signal;
use crate::proxy::Weather;
use crate::{failover, quiet_crash};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// SIGKILL of one server.
    KillServer,
    /// One server is stopped in order and comes back as the other build of the program (`--beside`).
    ChangeProgram,
    /// SIGKILL of PostgreSQL's main process.
    KillPostmaster,
    /// SIGKILL of all of PostgreSQL.
    KillDatabase,
    /// SIGKILL of all servers and all of PostgreSQL.
    KillBoth,
    /// SIGKILL of one of PostgreSQL's processes for clients.
    KillBackend,
    /// The appenders' sessions are ended, five times.
    EndAppender,
    /// All of PostgreSQL is killed right after tokens were revoked, and nobody writes then.
    QuietCrash,
    /// PostgreSQL is stopped in order, and started again up to two seconds later.
    StopDatabase,
    /// SIGSTOP of one server for three to eight seconds.
    PauseServer,
    /// SIGSTOP of one of PostgreSQL's processes for clients, for three to eight seconds.
    PauseBackend,
    /// Connections to PostgreSQL are refused for one to four seconds.
    NetworkRefused,
    /// Each packet to and from PostgreSQL takes 200 milliseconds, for two to four seconds.
    NetworkSlow,
    /// All connections to PostgreSQL are cut.
    NetworkCut,
    /// Nothing passes to and from PostgreSQL for three to six seconds.
    NetworkStill,
    /// What PostgreSQL answers within three to six seconds is lost for good.
    NetworkHalfOpen,
    /// No room is left on PostgreSQL's disk for three to six seconds.
    DiskFull,
    /// No connection to PostgreSQL is left for three to five seconds.
    ConnectionsTaken,
    /// The servers' clock jumps by an hour or twelve, and back.
    ClockJump,
    /// A server or PostgreSQL is killed during `chancery projections rebuild`.
    KillDuringRebuild,
    /// The first start of all is killed three times, at any moment.
    FirstStart,
    /// The primary is killed and its synchronous standby promoted.
    FailOver,
    /// The same, and the standby was away for twenty seconds before.
    FailOverCutOff,
    /// An asynchronous standby that lags is promoted: what it lacks is lost, and nothing else may be wrong.
    FailOverLagging,
}

impl Fault {
    /// What it needs.
    pub fn needs(self) -> Needs {
        Needs {
            replication: match self {
                Fault::FailOver | Fault::FailOverCutOff => Replication::Synchronous,
                Fault::FailOverLagging => Replication::Asynchronous,
                _ => Replication::None,
            },
            other_program: self == Fault::ChangeProgram,
            small_disk: self == Fault::DiskFull,
            fake_clock: self == Fault::ClockJump,
        }
    }

    /// Whether each round needs a deployment of its own.
    pub fn consumes(self) -> bool {
        self.needs().replication != Replication::None
    }

    /// Whether the fault itself is the reason: a code lives for ten minutes by the servers' clock.
    pub fn excuses(self, violation: &Violation) -> bool {
        self == Fault::ClockJump
            && violation.column == Column::FalseRefusal
            && violation.text.starts_with("code ")
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Breaks something, waits as long as the fault lasts, and mends what does not mend by itself.
    pub async fn inject(
        self,
        deployment: &mut Deployment,
        load: &Load,
        random: &mut StdRng,
    ) -> anyhow::Result<()> {
        let victim = random.random_range(0..deployment.servers.len());
        match self {
            Fault::KillServer => restart(deployment, &[victim]).await?,
            Fault::ChangeProgram => deployment.change_program(victim).await?,
            Fault::KillPostmaster => deployment.database.kill_postmaster(),
            Fault::KillDatabase => deployment.database.kill_all(),
            Fault::KillBoth => {
                deployment.database.kill_all();
                let all: Vec<usize> = (0..deployment.servers.len()).collect();
                restart(deployment, &all).await?;
            }
            Fault::KillBackend => {
                signal(deployment.database.backend(random).await?, Signal::KILL);
            }
            Fault::EndAppender => {
                for _ in 0..5 {
                    end_appenders(deployment).await?;
                    sleep(Duration::from_millis(random.random_range(5..60))).await;
                }
            }
            Fault::QuietCrash => quiet_crash::inject(deployment, load).await,
            Fault::StopDatabase => {
                deployment.database.stop().await?;
                sleep(seconds(random, 0.0, 2.0)).await;
                deployment.database.start_again().await?;
            }
            Fault::PauseServer => {
                deployment.servers[victim].signal(Signal::STOP);
                sleep(seconds(random, 3.0, 8.0)).await;
                deployment.servers[victim].signal(Signal::CONT);
            }
            Fault::PauseBackend => {
                let backend = deployment.database.backend(random).await?;
                signal(backend, Signal::STOP);
                sleep(seconds(random, 3.0, 8.0)).await;
                signal(backend, Signal::CONT);
            }
            Fault::NetworkRefused => {
                deployment.proxy.set(Weather::Refused);
                deployment.proxy.cut();
                sleep(seconds(random, 1.0, 4.0)).await;
                deployment.proxy.set(Weather::Fair);
            }
            Fault::NetworkSlow => {
                let weather = Weather::Slow(Duration::from_millis(200));
                weathered(deployment, weather, seconds(random, 2.0, 4.0)).await;
            }
            Fault::NetworkCut => deployment.proxy.cut(),
            Fault::NetworkStill => {
                weathered(deployment, Weather::Still, seconds(random, 3.0, 6.0)).await;
            }
            Fault::NetworkHalfOpen => {
                weathered(deployment, Weather::HalfOpen, seconds(random, 3.0, 6.0)).await;
            }
            Fault::DiskFull => {
                let disk = deployment
                    .database
                    .disk()
                    .context("there is no small disk")?;
                disk.fill()?;
                sleep(seconds(random, 3.0, 6.0)).await;
                disk.free()?;
            }
            Fault::ConnectionsTaken => {
                let mut taken = Vec::new();
                while let Ok(connection) = deployment.database.connect().await {
                    taken.push(connection);
                }
                // Those who are connected have to come again.
                deployment.proxy.cut();
                sleep(seconds(random, 3.0, 5.0)).await;
            }
            Fault::ClockJump => {
                let offset = ["+1h", "-1h", "-12h"][random.random_range(0..3)];
                deployment.set_clock(offset)?;
                sleep(seconds(random, 1.0, 2.0)).await;
                deployment.set_clock("+0")?;
            }
            Fault::KillDuringRebuild => rebuild(deployment, victim, random).await?,
            // Has no load; `crate::first_start` is all of it.
            Fault::FirstStart => {}
            Fault::FailOver => failover::inject(deployment, Duration::ZERO).await?,
            Fault::FailOverCutOff => failover::inject(deployment, Duration::from_secs(20)).await?,
            Fault::FailOverLagging => {
                failover::inject(deployment, seconds(random, 1.0, 3.0)).await?;
                // What the standby lacked is lost, and whoever was told of it was told so in vain.
                deployment.api.history.take();
            }
        }
        Ok(())
    }
}

/// Kills servers and starts them again, without waiting until they are ready.
async fn restart(deployment: &mut Deployment, victims: &[usize]) -> anyhow::Result<()> {
    for victim in victims {
        deployment.servers[*victim].kill().await?;
    }
    for victim in victims {
        deployment.servers[*victim].spawn()?;
    }
    Ok(())
}

async fn end_appenders(deployment: &Deployment) -> anyhow::Result<()> {
    sqlx::query(include_str!("sql/end_appenders.sql"))
        .execute(&mut deployment.database.connect().await?)
        .await?;
    Ok(())
}

async fn weathered(deployment: &Deployment, weather: Weather, time: Duration) {
    deployment.proxy.set(weather);
    sleep(time).await;
    deployment.proxy.set(Weather::Fair);
}

async fn rebuild(
    deployment: &mut Deployment,
    victim: usize,
    random: &mut StdRng,
) -> anyhow::Result<()> {
    let mut command = deployment.servers[victim].command(&["projections", "rebuild"]);
    let mut child = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    sleep(seconds(random, 0.05, 1.0)).await;
    match random.random_range(0..3) {
        0 => restart(deployment, &[victim]).await?,
        1 => deployment.database.kill_all(),
        _ => child.start_kill()?,
    }
    // It ends by itself, whatever became of it.
    child.wait().await?;
    Ok(())
}

fn seconds(random: &mut StdRng, least: f64, most: f64) -> Duration {
    Duration::from_secs_f64(random.random_range(least..most))
}
