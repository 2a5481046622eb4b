use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_fuzz::fuzz;
use chrono::{DateTime, TimeDelta, Utc};

const WORDS: [&str; 8] = [
    "CRON_TZ=",
    "CRON_TZ=Europe/Lisbon ",
    "America/Chicago",
    "Pacific/Apia",
    " * * *",
    "*/5",
    "1-2",
    "@daily",
];

/// Around clock changes, a day that never was (Pacific/Apia, 30 December 2011), and a leap day.
const NOWS: [&str; 4] = [
    "2011-12-29T12:00:00Z",
    "2024-02-29T23:59:59Z",
    "2026-03-29T00:30:00Z",
    "2026-11-01T05:30:00Z",
];

#[test]
fn a_schedule_is_one_time_a_day_and_is_read_back_as_it_is_written() {
    fuzz(
        include_str!("../../corpus/quiet_hours.txt"),
        &WORDS,
        |input| {
            let Ok(schedule) = QuietHoursSchedule::parse(input) else {
                return;
            };
            assert_eq!(
                QuietHoursSchedule::parse(schedule.as_str()),
                Ok(schedule.clone())
            );
            let fields: Vec<&str> = schedule.as_str().split(' ').collect();
            let [zone, minute, hour, "*", "*", "*"] = fields[..] else {
                panic!("{} is not one time each day", schedule.as_str());
            };
            assert!(zone.starts_with("CRON_TZ="));
            let (minute, hour): (u32, u32) = (minute.parse().unwrap(), hour.parse().unwrap());
            assert!(minute < 60 && hour < 24);
            assert_eq!(schedule.time(), format!("{hour:02}:{minute:02}"));
            for now in NOWS {
                let now: DateTime<Utc> = now.parse().unwrap();
                let next = schedule.next(now).unwrap().to_utc();
                assert!(next > now && next - now <= TimeDelta::days(3));
            }
        },
    );
}
