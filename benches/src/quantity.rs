//! What is measured besides rate and latency.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::{Spread, grouped};

/// One such measurement; all but the last three are for each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Processor time of the server or servers, in microseconds.
    ServerUs,
    /// Processor time of PostgreSQL's processes, in microseconds.
    PostgresUs,
    /// Write-ahead log, in bytes.
    WalBytes,
    /// Times that the write-ahead log was forced to the disk.
    WalSyncs,
    /// Transactions of the database, those that were rolled back included.
    Transactions,
    /// Statements that clients of the database sent, `BEGIN` and `COMMIT` included.
    Statements,
    /// Appends that another replica was faster than.
    LostSwaps,
    /// Which part of the answers was `invalid_grant`.
    Refused,
    /// The 99th percentile, as a multiple of that of the measurement beside it.
    P99Times,
    /// By how many MiB the server's memory grew in a million operations, over the later half.
    MemoryGrowth,
}

/// Values by what they are of; one for each round.
#[derive(Clone, Debug, Default)]
pub struct Samples(BTreeMap<Quantity, Vec<f64>>);

/// Every quantity that a measurement has; None where the server or PostgreSQL does not tell.
pub type Quantities = BTreeMap<Quantity, Option<Spread>>;

impl Quantity {
    /// Name and value for people.
    pub fn describe(self, value: Option<Spread>) -> String {
        let median = value.map(|value| value.median);
        let whole = median.map_or_else(|| "-".to_owned(), grouped);
        let exact = median.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        match self {
            Self::ServerUs => format!("{whole} µs of the server"),
            Self::PostgresUs => format!("{whole} µs of PostgreSQL"),
            Self::WalBytes => format!("{whole} bytes of write-ahead log"),
            Self::WalSyncs => format!("{exact} syncs"),
            Self::Transactions => format!("{exact} transactions"),
            Self::Statements => format!("{exact} statements"),
            Self::LostSwaps => format!("{exact} lost swaps"),
            Self::Refused => format!("{exact} of the answers invalid_grant"),
            Self::P99Times => format!("p99 {exact} times that beside it"),
            Self::MemoryGrowth => format!("{exact} MiB of memory more in a million"),
        }
    }
}

impl Samples {
    /// Adds a round's value; None makes the quantity appear as one that is not told.
    pub fn add(&mut self, quantity: Quantity, value: Option<f64>) {
        self.0.entry(quantity).or_default().extend(value);
    }

    /// The rounds together.
    pub fn spreads(&self) -> Quantities {
        let spread = |(quantity, values): (&Quantity, &Vec<f64>)| (*quantity, Spread::of(values));
        self.0.iter().map(spread).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_that_no_round_told_is_shown_as_untold() {
        let mut samples = Samples::default();
        samples.add(Quantity::LostSwaps, None);
        samples.add(Quantity::WalBytes, Some(2_000.0));
        samples.add(Quantity::WalBytes, Some(1_000.0));
        let shown: Vec<_> = samples
            .spreads()
            .into_iter()
            .map(|(quantity, value)| quantity.describe(value))
            .collect();
        assert_eq!(shown, ["1,500 bytes of write-ahead log", "- lost swaps"]);
    }
}
