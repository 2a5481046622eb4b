//! The rounds of one measurement on their way to a figure.

use crate::commands::Ran;
use crate::cost::{Costs, Reading};
use crate::load::{FAILURES_SHOWN, Outcome};
use crate::report::{Figure, Spread};

/// What the rounds so far gave.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Virtual clients; 0 where there are none.
    pub clients: usize,
    rates: Vec<f64>,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    floors: Vec<f64>,
    ratios: Vec<f64>,
    peaks_mib: Vec<f64>,
    costs: Costs,
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
            self.p50_ms.push(latency.p50.as_secs_f64() * 1000.0);
            self.p99_ms.push(latency.p99.as_secs_f64() * 1000.0);
        }
        self.add_failures(outcome);
    }

    /// Adds a round of a command that went through `events`: its rate, its memory, and the floor's rate.
    pub fn add_command(&mut self, ran: Ran, events: i64, floor: f64) {
        let rate = events as f64 / ran.took.as_secs_f64();
        self.add(Outcome::of_rate(rate), floor);
        self.add_peak(ran);
    }

    /// Adds the memory of one more command.
    pub fn add_peak(&mut self, ran: Ran) {
        let mib = ran.peak_kib.map(|kib| kib as f64 / 1024.0);
        self.peaks_mib.extend(mib);
    }

    /// What the last round's operations cost.
    pub fn add_cost(&mut self, before: Reading, after: Reading, operations: usize) {
        self.costs.add(before, after, operations);
    }

    /// Adds only what failed, of a floor that can fail.
    pub fn add_failures(&mut self, outcome: Outcome) {
        self.failures += outcome.failures;
        self.examples.extend(outcome.examples);
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
            floor_name,
            floor: Spread::of(&self.floors),
            ratio: Spread::of(&self.ratios),
            peak_mib: Spread::of(&self.peaks_mib),
            cost: self.costs.cost(),
            failures: self.failures,
            examples: self.examples,
        })
    }
}
