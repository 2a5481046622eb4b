//! Positions and times, as people write them.

use std::str::FromStr;

use chancery_ledger::{LedgerReader, Position};
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};

/// A position, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After the event at this position.
    Position(i64),
    /// At this time.
    Time(DateTime<Utc>),
}

/// A text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a position (1234), a time (2026-01-31T12:00:00Z) or a date (2026-01-31)")]
pub struct NoMoment;

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Time(time.to_utc()));
        }
        let date = day(text).ok_or(NoMoment)?;
        Ok(Self::Time(date.and_time(NaiveTime::MIN).and_utc()))
    }
}

/// A day as RFC 3339 writes it: of the years from 0 to 9999, which every part of the program can reckon with.
pub fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (0..10_000).contains(&day.year()).then_some(day)
}

/// Why there is no such moment in a log.
#[derive(Debug, thiserror::Error)]
pub enum MomentError {
    /// There is no such position.
    #[error("there is no position {position}: the log has positions 1 to {head}")]
    NoPosition {
        /// The position.
        position: i64,
        /// The last one there is.
        head: Position,
    },
    /// Nothing had happened.
    #[error("{time} is before the first event, of {first}")]
    BeforeFirst {
        /// The time.
        time: String,
        /// When the first event was recorded.
        first: String,
    },
    /// Nothing has happened.
    #[error("the log is empty")]
    Empty,
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] chancery_ledger::ReadError),
}

impl Moment {
    /// The last position at this moment.
    pub async fn position(self, reader: &LedgerReader) -> Result<Position, MomentError> {
        let head = reader.head().await?;
        if head == Position::START {
            return Err(MomentError::Empty);
        }
        match self {
            Self::Position(position) if (1..=head.0).contains(&position) => Ok(Position(position)),
            Self::Position(position) => Err(MomentError::NoPosition { position, head }),
            Self::Time(time) => match reader.position_at(time).await? {
                Position::START => {
                    let first = reader.event(Position(1)).await?;
                    Err(MomentError::BeforeFirst {
                        time: time.to_rfc3339(),
                        first: first
                            .map_or_else(String::new, |event| event.recorded_at.to_rfc3339()),
                    })
                }
                position => Ok(position),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_a_time_or_a_date() {
        assert_eq!("42".parse(), Ok(Moment::Position(42)));
        let midnight: DateTime<Utc> = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!("2026-01-31".parse(), Ok(Moment::Time(midnight)));
        assert_eq!(
            "2026-01-31T02:00:00+02:00".parse(),
            Ok(Moment::Time(midnight))
        );
        for text in [
            "",
            "yesterday",
            "2026-01-31T00:00:00",
            "1.5",
            "-262143-01-01",
            "+262142-12-31",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(NoMoment), "{text}");
        }
    }
}
