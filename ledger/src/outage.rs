//! Telling an outage once: when it begins, when its cause becomes another, and, with a count, when it is over.

use std::error::Error;
use std::fmt;

/// An error together with what caused it, for people: `outer: inner: innermost`.
#[derive(Clone, Copy, Debug)]
pub struct Causes<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        formatter.write_str(&told)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            let text = error.to_string();
            // Many errors repeat their cause's words.
            if !told.contains(&text) {
                write!(formatter, ": {text}")?;
            }
            told = text;
            next = error.source();
        }
        Ok(())
    }
}

/// What one task has told of its trouble so far.
#[derive(Debug, Default)]
pub struct Outage {
    failures: u64,
    cause: String,
}

impl Outage {
    /// Counts a failure; tells of it when it is the first, or of another cause than the one before.
    pub fn met(&mut self, what: &str, error: &(dyn Error + 'static)) {
        self.met_by(None, what, error);
    }

    /// As [`met`](Self::met), by one of several that do the same.
    pub fn met_by(&mut self, who: Option<&str>, what: &str, error: &(dyn Error + 'static)) {
        self.failures += 1;
        let cause = Causes(error).to_string();
        if self.cause != cause {
            tracing::warn!(who, error = cause, failures = self.failures, "{what}");
            self.cause = cause;
        }
    }

    /// Tells that it works again, if it did not.
    pub fn over(&mut self, what: &str) {
        self.over_by(None, what);
    }

    /// As [`over`](Self::over), by one of several that do the same.
    pub fn over_by(&mut self, who: Option<&str>, what: &str) {
        if self.failures > 0 {
            tracing::info!(who, failures = self.failures, "{what}");
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the ledger cannot be opened")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("connection refused")]
    struct Inner;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot write: {0}")]
    struct Repeating(#[source] Inner);

    #[test]
    fn an_error_is_told_with_its_cause_and_each_cause_once() {
        let told = Causes(&Outer(Inner)).to_string();
        assert_eq!(told, "the ledger cannot be opened: connection refused");
        assert_eq!(
            Causes(&Repeating(Inner)).to_string(),
            "cannot write: connection refused"
        );
    }

    #[test]
    fn failures_of_one_outage_are_counted_until_it_is_over() {
        let mut outage = Outage::default();
        outage.met("it fails", &Inner);
        outage.met("it fails", &Inner);
        assert_eq!(outage.failures, 2);
        outage.over("it works");
        assert_eq!(outage.failures, 0);
    }
}
