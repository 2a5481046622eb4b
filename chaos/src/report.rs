//! The report: a line for each fault.

use std::fmt;
use std::time::Duration;

use crate::check::Column;
use crate::round::Outcome;

/// All rounds of one fault.
#[derive(Debug, Default)]
pub struct Line {
    /// The fault's name.
    pub fault: String,
    /// Faults that were injected.
    pub faults: usize,
    /// Rounds that were run.
    pub rounds: usize,
    /// Acts that were answered for certain.
    pub answered: usize,
    /// Violations, in the order of [`Column::ALL`].
    pub counts: [usize; Column::ALL.len()],
    /// Recoveries, in no order.
    pub recoveries: Vec<Duration>,
}

impl Line {
    /// A line without rounds.
    pub fn new(fault: String) -> Self {
        Self {
            fault,
            ..Self::default()
        }
    }

    /// Adds a round.
    pub fn add(&mut self, outcome: &Outcome) {
        self.faults += outcome.faults;
        self.rounds += 1;
        self.answered += outcome.answered;
        self.recoveries.extend(&outcome.recoveries);
        for violation in &outcome.violations {
            self.count(violation.column);
        }
    }

    /// Counts a violation.
    pub fn count(&mut self, column: Column) {
        for (count, other) in self.counts.iter_mut().zip(Column::ALL) {
            *count += usize::from(other == column);
        }
    }

    /// Whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }
}

/// The heading of the table, in Markdown.
pub fn heading() -> String {
    let columns: Vec<&str> = Column::ALL.into_iter().map(Column::heading).collect();
    format!(
        "| fault | faults | rounds | answered | {} | recovery p50 / max, s |\n|{}",
        columns.join(" | "),
        " --- |".repeat(columns.len() + 5)
    )
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.counts.iter().map(usize::to_string).collect();
        let mut recoveries = self.recoveries.clone();
        recoveries.sort_unstable();
        let middle = recoveries
            .get(recoveries.len().saturating_sub(1) / 2)
            .copied()
            .unwrap_or_default();
        let most = recoveries.last().copied().unwrap_or_default();
        write!(
            f,
            "| {} | {} | {} | {} | {} | {:.2} / {:.2} |",
            self.fault,
            self.faults,
            self.rounds,
            self.answered,
            counts.join(" | "),
            middle.as_secs_f64(),
            most.as_secs_f64()
        )
    }
}
