//! An event as a line of a table.

use chancery_ledger::EventMetadata;
use chrono::{DateTime, SecondsFormat, Utc};

use super::output::Paint;
use crate::cli::terminal::clean;
use crate::record::{self, ShownEvent};

/// A time as it is shown.
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Who acted.
pub fn actor(metadata: &EventMetadata) -> String {
    clean(&record::actor(metadata))
}

/// The event as a line of a table.
pub fn row(event: &ShownEvent, paint: Paint) -> String {
    let client = event.metadata.client_address.as_deref().unwrap_or("-");
    format!(
        "{} {} {} {} {} {}",
        paint.yellow(&format!("{:>9}", event.position)),
        paint.dim(&time(event.recorded_at)),
        paint.cyan(&padded(&actor(&event.metadata), 20)),
        paint.bold(&padded(&clean(&event.event), 42)),
        padded(&clean(client), 15),
        clean(&event.stream),
    )
}

/// The heading of [`row`]s.
pub fn heading(paint: Paint) -> String {
    let text = format!(
        "{:>9} {:<24} {:<20} {:<42} {:<15} {}",
        "POSITION", "TIME", "ACTOR", "EVENT", "CLIENT", "STREAM"
    );
    paint.dim(&text)
}

fn padded(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length > width {
        let cut: String = text.chars().take(width - 1).collect();
        return format!("{cut}\u{2026}");
    }
    format!("{text}{}", " ".repeat(width - length))
}
