//! Quiet hours (`docs/contract/templates_acl_quota_quiethours_notifications.md`, quiet hours): a time of day in a time zone, written as cron.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Longest text that is looked at; no valid schedule comes near it.
const MAX_LENGTH: usize = 128;
const ZONE_PREFIX: &str = "CRON_TZ=";

/// A schedule of one time each day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHoursSchedule {
    text: String,
    zone: Tz,
    hour: u8,
    minute: u8,
}

/// Why a text is not a schedule of one time each day. The texts contain what clients look for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no cron text, names no time zone, or is not for every day.
    #[error("parse daily schedule: {0}")]
    Syntax(String),
    /// It names several hours or minutes.
    #[error("daily schedule has more than one time: the minute and the hour must be plain numbers")]
    MoreThanOneTime,
}

impl QuietHoursSchedule {
    /// Midnight in UTC: `CRON_TZ=UTC 0 0 * * *`.
    pub fn midnight_utc() -> Self {
        Self {
            text: "CRON_TZ=UTC 0 0 * * *".to_owned(),
            zone: Tz::UTC,
            hour: 0,
            minute: 0,
        }
    }

    /// Reads `CRON_TZ=<zone> <minute> <hour> * * *`; without the prefix the zone is UTC.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(syntax(format!("longer than {MAX_LENGTH} bytes")));
        }
        if !text.is_ascii() {
            return Err(syntax("not ASCII".to_owned()));
        }
        let mut fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let zone_name = match fields
            .first()
            .and_then(|first| first.strip_prefix(ZONE_PREFIX))
        {
            Some(zone) => {
                fields.remove(0);
                zone
            }
            None => Tz::UTC.name(),
        };
        let zone: Tz = zone_name
            .parse()
            .map_err(|_| syntax(format!("unknown time zone {zone_name:?}")))?;
        let [minute, hour, days @ ..] = fields.as_slice() else {
            return Err(wrong_count());
        };
        if days.len() != 3 {
            return Err(wrong_count());
        }
        if days.iter().any(|field| *field != "*") {
            return Err(syntax(
                "day of month, month and day of week must be *".to_owned(),
            ));
        }
        cron(&fields.join(" "))?;
        let number = |field: &str| match field.parse::<u8>() {
            Ok(number) if field.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err(Error::MoreThanOneTime),
        };
        Ok(Self {
            hour: number(hour)?,
            minute: number(minute)?,
            zone,
            text: format!("{ZONE_PREFIX}{zone_name} {}", fields.join(" ")),
        })
    }

    /// The cron text, always with its zone: `CRON_TZ=UTC 0 0 * * *`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The time of day, `HH:MM`.
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// The name of the time zone.
    pub fn timezone(&self) -> &'static str {
        self.zone.name()
    }

    /// The next start after `now`, in the schedule's zone. A time that a clock change skips starts when the change is over; a
    /// time that it repeats starts once, at the first of the two. `None` beyond the end of the calendar.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Tz>> {
        let daily = cron(&format!("{} {} * * *", self.minute, self.hour)).ok()?;
        daily
            .find_next_occurrence(&now.with_timezone(&self.zone), false)
            .ok()
    }
}

fn cron(fields: &str) -> Result<Cron, Error> {
    CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build()
        .parse(fields)
        .map_err(|error| syntax(error.to_string()))
}

fn syntax(reason: String) -> Error {
    Error::Syntax(reason)
}

fn wrong_count() -> Error {
    syntax("expected 5 fields after an optional CRON_TZ=<time zone>".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, now: &str) -> String {
        let schedule = QuietHoursSchedule::parse(schedule).unwrap();
        schedule.next(now.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn a_schedule_has_its_text_time_and_zone() {
        let schedule = QuietHoursSchedule::parse("CRON_TZ=America/Chicago 5 9 * * *").unwrap();
        assert_eq!(schedule.as_str(), "CRON_TZ=America/Chicago 5 9 * * *");
        assert_eq!(schedule.time(), "09:05");
        assert_eq!(schedule.timezone(), "America/Chicago");
    }

    #[test]
    fn a_schedule_without_a_zone_is_in_utc() {
        let schedule = QuietHoursSchedule::parse("  30  23 * * * ").unwrap();
        assert_eq!(schedule.as_str(), "CRON_TZ=UTC 30 23 * * *");
        assert_eq!(schedule.timezone(), "UTC");
    }

    #[test]
    fn midnight_is_what_its_text_says() {
        let midnight = QuietHoursSchedule::midnight_utc();
        assert_eq!(QuietHoursSchedule::parse(midnight.as_str()), Ok(midnight));
    }

    #[test]
    fn what_is_not_a_daily_schedule_is_refused() {
        for text in [
            "",
            "garbage",
            "CRON_TZ=UTC",
            "CRON_TZ=UTC 0 0",
            "CRON_TZ=UTC 0 0 * * 1",
            "CRON_TZ=UTC 0 0 1 * *",
            "CRON_TZ=UTC 0 0 * 2 *",
            "CRON_TZ=UTC * * *",
            "CRON_TZ=UTC 0 0 0 * * *",
            "CRON_TZ=UTC 60 0 * * *",
            "CRON_TZ=UTC 0 24 * * *",
            "CRON_TZ=UTC -1 0 * * *",
            "CRON_TZ=UTC a b * * *",
            "CRON_TZ= 0 0 * * *",
            "CRON_TZ=Moon/Tranquility 0 0 * * *",
            "@daily",
            "CRON_TZ=UTC ٣ 0 * * *",
            &format!("CRON_TZ=UTC 0 0 * * *{}", " ".repeat(128)),
        ] {
            let error = QuietHoursSchedule::parse(text).unwrap_err();
            assert!(
                error.to_string().starts_with("parse daily schedule: "),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn every_minute_and_hour_text_of_a_few_characters_is_accepted_or_refused() {
        let alphabet = b"059*/,-L#W?+a@";
        let texts: Vec<String> = (0..alphabet.len().pow(3))
            .map(|number| {
                let pick = |place: u32| {
                    char::from(alphabet[number / alphabet.len().pow(place) % alphabet.len()])
                };
                [pick(0), pick(1), pick(2)].iter().collect()
            })
            .collect();
        for text in &texts {
            for schedule in [format!("{text} 0 * * *"), format!("0 {text} * * *")] {
                if let Ok(parsed) = QuietHoursSchedule::parse(&schedule) {
                    assert!(
                        text.bytes()
                            .all(|byte| byte.is_ascii_digit() || byte == b'+')
                    );
                    assert!(parsed.next(DateTime::UNIX_EPOCH).is_some(), "{schedule}");
                }
            }
        }
    }

    #[test]
    fn several_times_a_day_are_refused() {
        for text in [
            "0 0,12 * * *",
            "CRON_TZ=UTC * 0 * * *",
            "*/5 0 * * *",
            "0 1-3 * * *",
        ] {
            let error = QuietHoursSchedule::parse(text).unwrap_err();
            assert_eq!(error, Error::MoreThanOneTime, "{text}");
            assert!(error.to_string().contains("more than one time"));
        }
    }

    #[test]
    fn the_next_start_is_later_than_now_and_in_the_zone() {
        let midnight = "CRON_TZ=America/Chicago 0 0 * * *";
        assert_eq!(
            next(midnight, "2026-01-15T05:59:59Z"),
            "2026-01-15T00:00:00-06:00"
        );
        assert_eq!(
            next(midnight, "2026-01-15T06:00:00Z"),
            "2026-01-16T00:00:00-06:00"
        );
        assert_eq!(
            next("0 0 * * *", "2026-12-31T12:00:00Z"),
            "2027-01-01T00:00:00+00:00"
        );
    }

    #[test]
    fn a_start_keeps_its_time_of_day_across_a_clock_change() {
        let schedule = "CRON_TZ=Europe/Berlin 0 9 * * *";
        assert_eq!(
            next(schedule, "2026-03-28T08:00:00Z"),
            "2026-03-29T09:00:00+02:00"
        );
        assert_eq!(
            next(schedule, "2026-10-24T07:00:00Z"),
            "2026-10-25T09:00:00+01:00"
        );
    }

    #[test]
    fn a_time_that_spring_skips_starts_when_the_change_is_over() {
        let schedule = "CRON_TZ=America/New_York 30 2 * * *";
        assert_eq!(
            next(schedule, "2026-03-07T12:00:00Z"),
            "2026-03-08T03:00:00-04:00"
        );
        assert_eq!(
            next(schedule, "2026-03-08T07:00:00Z"),
            "2026-03-09T02:30:00-04:00"
        );
    }

    #[test]
    fn a_time_that_autumn_repeats_starts_once() {
        let schedule = "CRON_TZ=America/New_York 30 1 * * *";
        assert_eq!(
            next(schedule, "2026-10-31T12:00:00Z"),
            "2026-11-01T01:30:00-04:00"
        );
        // After the first 01:30 and before, at and after the second.
        for now in [
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:29:00Z",
            "2026-11-01T06:30:00Z",
        ] {
            assert_eq!(next(schedule, now), "2026-11-02T01:30:00-05:00", "{now}");
        }
    }
}
