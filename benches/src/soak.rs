//! The server's memory over very many exchanges: whether it stays level.

use crate::log;
use crate::oauth2::exchanges;
use crate::plan::MOST_CLIENTS;
use crate::points::{Beside, Measured, Row, Served};
use crate::processes::Watch;
use crate::quantity::Quantity;
use crate::report::grouped;
use crate::rounds::Rounds;
use crate::stages::Run;
use crate::tally::Outcome;

/// How often the memory is shown on the way.
const SHOWN: usize = 10;

/// The memory after so many exchanges.
#[derive(Clone, Copy, Debug)]
struct Reading {
    exchanges: usize,
    resident_mib: f64,
}

impl Run<'_> {
    /// Exchanges until the plan's number is reached.
    pub(crate) async fn soak(&mut self, served: &Served<'_>) -> anyhow::Result<()> {
        let row = Row {
            name: "exchange, for long",
            clients: &[MOST_CLIENTS],
            beside: Beside::Commits,
        };
        let before = log::head(self.cluster, served.ready.database).await?;
        let floor = self.commits(MOST_CLIENTS).await?;
        let mut rounds = Rounds::of(MOST_CLIENTS);
        let mut readings: Vec<Reading> = Vec::new();
        let (mut done, mut shown) = (0, 0);
        while done < self.plan.soak {
            let watch = Watch::begin()?;
            let outcome = self
                .load(served, exchanges(served.ready, MOST_CLIENTS))
                .await;
            rounds.add_others(watch.others()?);
            ensure_progress(&outcome)?;
            done += outcome.operations;
            rounds.add(outcome, floor);
            let memory = served.first()?.memory()?;
            readings.push(Reading {
                exchanges: done,
                resident_mib: memory.resident_kib as f64 / 1024.0,
            });
            if done * SHOWN / self.plan.soak > shown {
                shown = done * SHOWN / self.plan.soak;
                let after = format!("{} exchanges in a row", grouped(done as f64));
                self.report.memory(after, memory);
            }
        }
        let growth = growth_per_million(&readings[readings.len() / 2..]);
        rounds.add_more([(Quantity::MemoryGrowth, growth)]);
        let after = log::head(self.cluster, served.ready.database).await?;
        let measured = Measured {
            rounds: vec![rounds],
            events: (before, after),
        };
        self.show(row, measured);
        Ok(())
    }
}

fn ensure_progress(outcome: &Outcome) -> anyhow::Result<()> {
    anyhow::ensure!(
        outcome.operations > 0,
        "nothing is exchanged any more: {}",
        outcome.examples.join("; ")
    );
    Ok(())
}

/// By how many MiB the memory grows in a million exchanges: the slope of the straight line that fits best. None of fewer
/// than two readings.
fn growth_per_million(readings: &[Reading]) -> Option<f64> {
    let count = readings.len() as f64;
    let mean = |value: fn(&Reading) -> f64| readings.iter().map(value).sum::<f64>() / count;
    let millions = |reading: &Reading| reading.exchanges as f64 / 1e6;
    let (mean_millions, mean_mib) = (mean(millions), mean(|reading| reading.resident_mib));
    let (mut product, mut square) = (0.0, 0.0);
    for reading in readings {
        let distance = millions(reading) - mean_millions;
        product += distance * (reading.resident_mib - mean_mib);
        square += distance * distance;
    }
    (square > 0.0).then(|| product / square)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(resident_mib: &[f64]) -> Vec<Reading> {
        let numbered = resident_mib.iter().enumerate();
        let reading = |(number, resident_mib): (usize, &f64)| Reading {
            exchanges: (number + 1) * 500_000,
            resident_mib: *resident_mib,
        };
        numbered.map(reading).collect()
    }

    #[test]
    fn growth_is_the_slope_of_the_line_that_fits_best() {
        let growth = growth_per_million(&readings(&[100.0, 103.0, 106.0])).unwrap();
        assert!((growth - 6.0).abs() < 1e-9, "{growth}");
        let level = growth_per_million(&readings(&[100.0, 101.0, 100.0])).unwrap();
        assert!(level.abs() < 1e-9, "{level}");
    }

    #[test]
    fn a_single_reading_shows_no_growth() {
        assert_eq!(growth_per_million(&readings(&[100.0])), None);
        assert_eq!(growth_per_million(&[]), None);
    }
}
