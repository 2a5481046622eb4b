//! Moments as they are written on the command line: also by how long ago they are.

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::moment::Moment;

/// A moment, or a time ago: `90s`, `1h`, `2d`.
pub fn moment(text: &str) -> Result<Moment, String> {
    at(text, Clock::system().now())
}

fn at(text: &str, now: DateTime<Utc>) -> Result<Moment, String> {
    let error = match text.parse() {
        Ok(moment) => return Ok(moment),
        Err(error) => error,
    };
    let ago = humantime::parse_duration(text).ok();
    let time = ago.and_then(|ago| now.checked_sub_signed(chrono::TimeDelta::from_std(ago).ok()?));
    let time = time.ok_or_else(|| format!("{error}, or how long ago (90s, 1h, 2d)"))?;
    Ok(Moment::Time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_so_long_ago() {
        let now: DateTime<Utc> = "2026-01-31T12:00:00Z".parse().unwrap();
        let time = |text: &str| Moment::Time(text.parse().unwrap());
        assert_eq!(at("1h", now), Ok(time("2026-01-31T11:00:00Z")));
        assert_eq!(at("1d 90s", now), Ok(time("2026-01-30T11:58:30Z")));
        assert_eq!(at("1234", now), Ok(Moment::Position(1234)));
        assert_eq!(at("2026-01-30", now), Ok(time("2026-01-30T00:00:00Z")));
        for text in ["soon", "1", "100000000000y"] {
            assert_eq!(at(text, now).is_ok(), text == "1", "{text}");
        }
    }
}
