//! A run beside an earlier one: which ratios fell. Rates differ from machine to machine, and from hour to hour; the ratio to
//! a floor of the same minute is what can be compared.

use std::fmt;

use crate::history::Entry;

/// A ratio that falls by more than this part of itself is a regression.
const TOLERATED: f64 = 0.15;

/// What became of the figures of an earlier run.
#[derive(Debug, PartialEq)]
pub struct Comparison {
    earlier: String,
    is_same_machine: bool,
    changes: Vec<Change>,
    unmeasured: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Change {
    title: String,
    before: f64,
    now: f64,
    is_noisy: bool,
}

impl Comparison {
    /// Compares with an earlier run.
    pub fn of(earlier: &Entry, now: &Entry) -> Self {
        let (mut changes, mut unmeasured) = (Vec::new(), Vec::new());
        for (title, before) in &earlier.figures {
            match now.figures.get(title) {
                Some(kept) => changes.push(Change {
                    title: title.clone(),
                    before: before.ratio,
                    now: kept.ratio,
                    is_noisy: before.noisy || kept.noisy,
                }),
                None => unmeasured.push(title.clone()),
            }
        }
        Self {
            earlier: format!("{} of {}", earlier.commit, earlier.date),
            is_same_machine: earlier.machine == now.machine,
            changes,
            unmeasured,
        }
    }

    /// Whether a ratio fell by more than is tolerated.
    pub fn has_regression(&self) -> bool {
        self.changes.iter().any(Change::fell)
    }
}

impl Change {
    fn fell(&self) -> bool {
        self.now < self.before * (1.0 - TOLERATED)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ratios beside those of {}", self.earlier)?;
        if !self.is_same_machine {
            write!(f, ", which ran on another machine")?;
        }
        for change in &self.changes {
            let Change {
                title, before, now, ..
            } = change;
            let percent = (now / before - 1.0) * 100.0;
            write!(
                f,
                "\n{title:<54} {before:>7.3} {now:>7.3} {percent:>+6.1} %"
            )?;
            if change.is_noisy {
                write!(f, "  NOISY")?;
            }
            if change.fell() {
                write!(f, "  FELL")?;
            }
        }
        for title in &self.unmeasured {
            write!(f, "\n{title:<54} not measured in this run")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Kept;
    use crate::plan::Extent;

    fn entry(title: &str, ratio: f64) -> Entry {
        let kept = Kept {
            rate: 1.0,
            ratio,
            p50_ms: None,
            p99_ms: None,
            noisy: false,
        };
        Entry {
            commit: "0123456789ab".to_owned(),
            date: "2026-11-24 12:00".to_owned(),
            machine: "2 cores".to_owned(),
            extent: Extent::Quick,
            figures: [(title.to_owned(), kept)].into(),
        }
    }

    fn regresses(before: f64, now: f64) -> bool {
        let (earlier, now) = (entry("exchange", before), entry("exchange", now));
        Comparison::of(&earlier, &now).has_regression()
    }

    #[test]
    fn a_ratio_may_fall_by_fifteen_in_a_hundred_and_rise_by_any() {
        assert!(!regresses(0.2, 0.1701));
        assert!(regresses(0.2, 0.1699));
        assert!(!regresses(0.2, 0.9));
    }

    #[test]
    fn what_only_one_run_measured_is_told_and_no_regression() {
        let comparison = Comparison::of(&entry("refresh", 0.2), &entry("exchange", 0.1));
        assert!(!comparison.has_regression());
        let text = comparison.to_string();
        assert!(
            text.contains("refresh") && text.ends_with("not measured in this run"),
            "{text}"
        );
    }
}
