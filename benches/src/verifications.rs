//! What the audit tooling does with a whole log, and with one event or stream of it.

use std::time::Duration;

use sqlx::Row;

use crate::commands::{self, Ran};
use crate::log::{self, Ready};
use crate::processes::Watch;
use crate::rounds::Rounds;
use crate::stages::Run;
use crate::tally::Outcome;

/// What whole-log work stands beside.
pub const WHOLE_LOG_FLOOR: &str = "COPY of every event in order";

const FORGET_CHECKPOINTS: &str = "TRUNCATE ledger_checkpoints";
/// Streams all over the log.
const STREAMS: &str = "SELECT aggregate_type, aggregate_id FROM events \
    WHERE position IN (SELECT n * $1::bigint / $2::bigint FROM generate_series(1, $2::bigint) n) ORDER BY position";
/// How many streams are replayed in a round.
const REPLAYS: i64 = 20;
/// How many events are proved in a round.
const PROOFS: i64 = 5;

impl Run<'_> {
    /// How many events per second PostgreSQL hands out in order.
    pub(crate) async fn whole_log_floor(&self, ready: &Ready, events: i64) -> anyhow::Result<f64> {
        let took = commands::read_all(self.cluster, ready.database).await?;
        Ok(events as f64 / took.as_secs_f64())
    }

    /// Everything that verifies, proves, exports and replays.
    pub(crate) async fn verifications(&mut self, ready: &Ready) -> anyhow::Result<()> {
        self.whole_log(ready).await?;
        self.replays_of_streams(ready).await?;
        self.proofs(ready).await
    }

    async fn whole_log(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let events = log::head(self.cluster, ready.database).await?;
        let scratch = self.cluster.scratch();
        let (file, kept) = (scratch.join("log.jsonl"), scratch.join("kept.note"));
        let key = scratch.join(format!("{}.pem", ready.database));
        let [file_name, kept_name, key_name] =
            [&file, &kept, &key].map(|path| path.to_string_lossy().into_owned());
        let checkpoint = ["audit", "checkpoint", "--signing-key-file", &key_name];
        let verify = ["audit", "verify"];
        let verify_to_kept = ["audit", "verify", "--checkpoint", &kept_name];
        let export = ["audit", "export", &file_name];
        let verify_export = ["audit", "verify", &file_name];
        let replay = ["audit", "replay", "--all", "--schema", "bench", "--replace"];
        let mut work = [
            ("making a checkpoint of all", &checkpoint[..]),
            ("verification", &verify),
            ("verification to a kept checkpoint", &verify_to_kept),
            ("export", &export),
            ("verification of the export", &verify_export),
            ("replay of everything", &replay),
        ]
        .map(|(name, arguments)| (name, arguments, Rounds::default()));
        let mut connection = self.cluster.connect(ready.database).await?;
        for _ in 0..self.plan.rounds {
            sqlx::query(FORGET_CHECKPOINTS)
                .execute(&mut connection)
                .await?;
            // Nor is anything remembered to be signed, so that all of it is verified.
            let _ = std::fs::remove_file(key.with_added_extension("signed"));
            let floor = self.whole_log_floor(ready, events).await?;
            for (_, arguments, rounds) in &mut work {
                let ran = if *arguments == checkpoint {
                    commands::run_to_file(&ready.program, arguments, &kept).await?
                } else {
                    commands::run(&ready.program, arguments).await?
                };
                rounds.add_command(ran, events, floor);
            }
            std::fs::remove_file(&file)?;
        }
        for (name, _, rounds) in work {
            self.report.figure(rounds.figure(
                &ready.titled(name),
                WHOLE_LOG_FLOOR,
                (events, events),
            ));
        }
        Ok(())
    }

    /// Replays of single streams, a process for each.
    async fn replays_of_streams(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let events = log::head(self.cluster, ready.database).await?;
        let mut connection = self.cluster.connect(ready.database).await?;
        let rows = sqlx::query(STREAMS)
            .bind(events)
            .bind(REPLAYS)
            .fetch_all(&mut connection)
            .await?;
        let mut rounds = Rounds::default();
        for _ in 0..self.plan.rounds {
            let watch = Watch::begin()?;
            let (mut ours, mut floors) = (Vec::new(), Vec::new());
            for row in &rows {
                let (kind, id): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
                // The names are the seed's: letters, digits, colons and dashes.
                let query = format!(
                    "SELECT * FROM events WHERE aggregate_type = '{kind}' AND aggregate_id = '{id}' ORDER BY sequence"
                );
                floors.push(commands::read(self.cluster, ready.database, &query).await?);
                let stream = format!("{kind}/{id}");
                let ran = commands::run(&ready.program, &["audit", "replay", &stream]).await?;
                rounds.add_peak(ran);
                ours.push(ran.took);
            }
            rounds.add(Outcome::of_turns(ours), per_second(&floors));
            rounds.add_others(watch.others()?);
        }
        let floor = "a psql that reads the stream's events";
        self.report.figure(rounds.figure(
            &ready.titled("replay of one stream"),
            floor,
            (events, events),
        ));
        Ok(())
    }

    /// Proofs of single events against a checkpoint of all, and their verification.
    async fn proofs(&mut self, ready: &Ready) -> anyhow::Result<()> {
        let events = log::head(self.cluster, ready.database).await?;
        let scratch = self.cluster.scratch();
        let (file, kept) = (scratch.join("proof.json"), scratch.join("kept.note"));
        let [file_name, kept_name] = [&file, &kept].map(|path| path.to_string_lossy());
        let verify = ["audit", "verify", &file_name, "--checkpoint", &kept_name];
        let mut proving = Rounds::default();
        let mut verifying = Rounds::default();
        for _ in 0..self.plan.rounds {
            let watch = Watch::begin()?;
            let (mut proved, mut verified): (Vec<Ran>, Vec<Ran>) = (Vec::new(), Vec::new());
            for turn in 1..=PROOFS {
                let position = (turn * events / PROOFS).to_string();
                let prove = ["audit", "prove", &position, "--checkpoint", &kept_name];
                proved.push(commands::run_to_file(&ready.program, &prove, &file).await?);
                verified.push(commands::run(&ready.program, &verify).await?);
            }
            for (rounds, ran) in [(&mut proving, proved), (&mut verifying, verified)] {
                let bare = commands::run(&ready.program, &["--version"]).await?;
                for ran in &ran {
                    rounds.add_peak(*ran);
                }
                let took = ran.iter().map(|ran| ran.took).collect();
                rounds.add(Outcome::of_turns(took), per_second(&[bare.took]));
                rounds.add_others(watch.others()?);
            }
        }
        let floor = "the program's bare start";
        for (name, rounds) in [
            ("proof of one event", proving),
            ("verification of a proof", verifying),
        ] {
            self.report
                .figure(rounds.figure(&ready.titled(name), floor, (events, events)));
        }
        Ok(())
    }
}

fn per_second(durations: &[Duration]) -> f64 {
    durations.len() as f64 / durations.iter().sum::<Duration>().as_secs_f64()
}
