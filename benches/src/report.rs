//! What is shown at the end: figures as a table for people and as JSON for programs.

use std::fmt;

use serde::Serialize;

use crate::machine::Machine;
use crate::memory::Memory;
use crate::plan::Extent;
use crate::quantity::Quantities;

/// On a machine where others keep more processors busy than this, a figure is marked.
const QUIET: f64 = 0.1;

/// Median, least and greatest of the rounds of one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle value; of an even number of rounds, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// That of `values`; None of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        Some(Self { median, min, max })
    }
}

/// One line: what was measured, what it is measured against, and the ratio of the two in the same round.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// What was done.
    pub name: String,
    /// Virtual clients, where there were any.
    pub clients: Option<usize>,
    /// Events in the log before the first and after the last round.
    pub events: (i64, i64),
    /// Per second.
    pub rate: Spread,
    /// Milliseconds.
    pub p50_ms: Option<Spread>,
    /// Milliseconds.
    pub p99_ms: Option<Spread>,
    /// `p99_ms` divided by `p50_ms`, round by round.
    pub p99_over_p50: Option<Spread>,
    /// What `floor` is.
    pub floor_name: &'static str,
    /// Per second, measured in turn with `rate`.
    pub floor: Option<Spread>,
    /// `rate` divided by `floor`, round by round.
    pub ratio: Option<Spread>,
    /// The most memory that the process had resident which did it, in MiB, where that was a command of its own.
    pub peak_mib: Option<Spread>,
    /// How many processors others than this program and all it started kept busy during a round and its floor.
    pub others: Option<Spread>,
    /// What one operation cost, and what else was measured.
    pub more: Quantities,
    /// Operations that failed.
    pub failures: usize,
    /// The first few failures.
    pub examples: Vec<String>,
}

/// The server's memory after a stage.
#[derive(Debug, Serialize)]
pub struct MemoryFigure {
    /// The stage that had just ended.
    pub after: String,
    /// The process's memory.
    #[serde(flatten)]
    pub memory: Memory,
}

/// Everything one run gave.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Where it ran.
    pub machine: Machine,
    /// How much was measured.
    pub extent: Extent,
    /// Rates, in the order they were measured.
    pub figures: Vec<Figure>,
    /// The server's memory, in the order it was read.
    pub memory: Vec<MemoryFigure>,
}

impl Report {
    /// An empty report of a run on `machine`.
    pub fn new(machine: Machine, extent: Extent) -> Self {
        Self {
            machine,
            extent,
            figures: Vec::new(),
            memory: Vec::new(),
        }
    }

    /// Adds a figure, if there is one, and shows it at once on standard error, so that a long run can be followed.
    pub fn figure(&mut self, figure: Option<Figure>) {
        let Some(figure) = figure else { return };
        eprintln!("{figure}");
        if let Some(more) = figure.more() {
            eprintln!("    each: {more}");
        }
        for example in &figure.examples {
            eprintln!("    failed: {example}");
        }
        self.figures.push(figure);
    }

    /// Adds the server's memory after a stage.
    pub fn memory(&mut self, after: impl Into<String>, memory: Memory) {
        let figure = MemoryFigure {
            after: after.into(),
            memory,
        };
        eprintln!("{figure}");
        self.memory.push(figure);
    }

    /// How many operations failed in the whole run.
    pub fn failures(&self) -> usize {
        self.figures.iter().map(|figure| figure.failures).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.machine)?;
        writeln!(
            f,
            "{:<54} {:>24} {:>8} {:>8} {:>7} {:>24} {:>7} {:>8} {:>6}  {:>21}  beside",
            "median (least to greatest)",
            "per second",
            "p50 ms",
            "p99 ms",
            "p99/p50",
            "floor, per second",
            "ratio",
            "peak MiB",
            "others",
            "events in the log"
        )?;
        for figure in &self.figures {
            writeln!(f, "{figure}")?;
        }
        writeln!(f)?;
        for figure in &self.figures {
            if let Some(more) = figure.more() {
                writeln!(f, "{:<54} each: {more}", figure.title())?;
            }
        }
        writeln!(f)?;
        for memory in &self.memory {
            writeln!(f, "{memory}")?;
        }
        if self.figures.iter().any(Figure::is_noisy) {
            writeln!(
                f,
                "\nNOISY: other processes kept more than {QUIET} processors busy"
            )?;
        }
        match self.failures() {
            0 => write!(f, "\nno operation failed"),
            failures => write!(
                f,
                "\n{failures} OPERATIONS FAILED: the figures do not count"
            ),
        }
    }
}

impl Figure {
    /// Name and number of clients, by which the figure is known from run to run.
    pub fn title(&self) -> String {
        match self.clients {
            Some(1) => format!("{}, 1 client", self.name),
            Some(clients) => format!("{}, {clients} clients", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether others were too busy meanwhile.
    pub fn is_noisy(&self) -> bool {
        self.others.is_some_and(|others| others.median > QUIET)
    }

    fn more(&self) -> Option<String> {
        let more = self.more.iter();
        let described: Vec<_> = more
            .map(|(quantity, value)| quantity.describe(*value))
            .collect();
        (!described.is_empty()).then(|| described.join(", "))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let median = |spread: Option<Spread>, digits: usize| {
            spread.map_or_else(String::new, |spread| format!("{:.digits$}", spread.median))
        };
        write!(
            f,
            "{:<54} {:>24} {:>8} {:>8} {:>7} {:>24} {:>7} {:>8} {:>6}  {:>21}  {}",
            self.title(),
            rates(self.rate),
            median(self.p50_ms, 2),
            median(self.p99_ms, 2),
            median(self.p99_over_p50, 1),
            self.floor.map_or_else(String::new, rates),
            median(self.ratio, 3),
            self.peak_mib
                .map_or_else(String::new, |peak| format!("{:.1}", peak.max)),
            median(self.others, 2),
            events(self.events),
            self.floor_name,
        )?;
        if self.is_noisy() {
            write!(f, "  NOISY")?;
        }
        if self.failures > 0 {
            write!(f, "  {} FAILED", self.failures)?;
        }
        Ok(())
    }
}

impl fmt::Display for MemoryFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |kib: u64| kib as f64 / 1024.0;
        write!(
            f,
            "server's memory after {}: {:.1} MiB resident, {:.1} MiB at its peak",
            self.after,
            mib(self.memory.resident_kib),
            mib(self.memory.peak_kib)
        )
    }
}

fn rates(spread: Spread) -> String {
    if spread.min.total_cmp(&spread.max).is_eq() {
        return grouped(spread.median);
    }
    format!(
        "{} ({} to {})",
        grouped(spread.median),
        grouped(spread.min),
        grouped(spread.max)
    )
}

fn events((before, after): (i64, i64)) -> String {
    if before == after {
        grouped(before as f64)
    } else {
        format!("{} to {}", grouped(before as f64), grouped(after as f64))
    }
}

/// A whole number with a comma before every three digits.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_and_both_ends() {
        let spread = Spread::of(&[3.0, 1.0, 2.0]).unwrap();
        let ends = [spread.min, spread.median, spread.max];
        assert_eq!(ends.map(grouped), ["1", "2", "3"]);
        let even = Spread::of(&[1.0, 2.0]).unwrap();
        assert!((even.median - 1.5).abs() < f64::EPSILON);
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0.0), "0");
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(1_000.0), "1,000");
        assert_eq!(grouped(1_234_567.0), "1,234,567");
    }
}
