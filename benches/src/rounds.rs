//! The rounds of one measurement on their way to a figure.

use crate::commands::Ran;
use crate::quantity::{Quantity, Samples};
use crate::report::{Figure, Spread};
use crate::tally::{FAILURES_SHOWN, Outcome};

/// What the rounds so far gave.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Virtual clients; 0 where there are none.
    pub clients: usize,
    /// Operations that succeeded, warm-ups included.
    pub operations: usize,
    rates: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    tails: Vec<f64>,
    floors: Vec<f64>,
    ratios: Vec<f64>,
    peaks_mib: Vec<f64>,
    others: Vec<f64>,
    more: Samples,
    failures: usize,
    examples: Vec<String>,
}

impl Rounds {
    /// None yet, for a measurement with so many virtual clients.
    pub fn of(clients: usize) -> Self {
        Self {
            clients,
            ..Self::default()
        }
    }

    /// Adds a round: ours and the floor measured just before it.
    pub fn add(&mut self, outcome: Outcome, floor: f64) {
        self.rates.push(outcome.rate);
        self.floors.push(floor);
        self.ratios.push(outcome.rate / floor);
        if let Some(latency) = &outcome.latency {
            let [p50, p99] = [latency.p50, latency.p99].map(|part| part.as_secs_f64() * 1000.0);
            self.p50_ms.push(p50);
            self.p99_ms.push(p99);
            if p50 > 0.0 {
                self.tails.push(p99 / p50);
            }
        }
        self.add_uncounted(outcome);
    }

    /// Adds only what was done and what failed, of a load whose rate is of no interest.
    pub fn add_uncounted(&mut self, outcome: Outcome) {
        self.operations += outcome.operations;
        self.add_failures(outcome);
    }

    /// Adds a round of a command that went through `events`: its rate, its memory, what others did, and the floor's rate.
    pub fn add_command(&mut self, ran: Ran, events: i64, floor: f64) {
        let rate = events as f64 / ran.took.as_secs_f64();
        self.add(Outcome::of_rate(rate), floor);
        self.add_peak(ran);
        self.add_others(ran.others);
    }

    /// Adds the memory of one more command.
    pub fn add_peak(&mut self, ran: Ran) {
        let mib = ran.peak_kib.map(|kib| kib as f64 / 1024.0);
        self.peaks_mib.extend(mib);
    }

    /// Adds how many processors others kept busy during a round and its floor.
    pub fn add_others(&mut self, processors: f64) {
        self.others.push(processors);
    }

    /// Adds other measurements of a round.
    pub fn add_more(&mut self, more: impl IntoIterator<Item = (Quantity, Option<f64>)>) {
        for (quantity, value) in more {
            self.more.add(quantity, value);
        }
    }

    /// Adds only what failed, of a floor that can fail.
    pub fn add_failures(&mut self, outcome: Outcome) {
        self.failures += outcome.failures;
        self.examples.extend(outcome.examples);
        self.examples.truncate(FAILURES_SHOWN);
    }

    /// Adds a failure that no single answer shows.
    pub fn add_failure(&mut self, text: String) {
        self.failures += 1;
        self.examples.push(text);
        self.examples.truncate(FAILURES_SHOWN);
    }

    /// The figure; None without a round.
    pub fn figure(
        self,
        name: &str,
        floor_name: &'static str,
        events: (i64, i64),
    ) -> Option<Figure> {
        Some(Figure {
            name: name.to_owned(),
            clients: (self.clients > 0).then_some(self.clients),
            events,
            rate: Spread::of(&self.rates)?,
            p50_ms: Spread::of(&self.p50_ms),
            p99_ms: Spread::of(&self.p99_ms),
            p99_over_p50: Spread::of(&self.tails),
            floor_name,
            floor: Spread::of(&self.floors),
            ratio: Spread::of(&self.ratios),
            peak_mib: Spread::of(&self.peaks_mib),
            others: Spread::of(&self.others),
            more: self.more.spreads(),
            failures: self.failures,
            examples: self.examples,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tally::Latency;

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        let mut rounds = Rounds::of(16);
        for (rate, floor, p99) in [(100.0, 1_000.0, 3), (400.0, 2_000.0, 4), (90.0, 300.0, 8)] {
            let latency = Latency {
                p50: Duration::from_millis(2),
                p99: Duration::from_millis(p99),
            };
            let outcome = Outcome {
                latency: Some(latency),
                ..Outcome::of_rate(rate)
            };
            rounds.add(outcome, floor);
        }
        let figure = rounds.figure("exchange", "floor", (0, 0)).unwrap();
        assert_eq!(figure.clients, Some(16));
        let medians = [
            Some(figure.rate),
            figure.floor,
            figure.ratio,
            figure.p99_over_p50,
        ];
        let medians = medians.map(|spread| format!("{:.2}", spread.unwrap().median));
        assert_eq!(medians, ["100.00", "1000.00", "0.20", "2.00"]);
    }

    #[test]
    fn without_a_round_there_is_no_figure() {
        assert!(Rounds::of(1).figure("exchange", "floor", (0, 0)).is_none());
    }
}
