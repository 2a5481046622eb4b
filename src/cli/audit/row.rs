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

/// Columns that every line has room for on a terminal of this many.
const WIDE: u16 = 165;

/// How much of an event a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// All of it.
    Wide,
    /// What a terminal of 120 columns has room for: whole seconds, no client, and the event without its stream's type.
    Narrow,
}

impl Width {
    /// As the terminal has room; wide where there is none.
    pub fn of_terminal() -> Self {
        match terminal_size::terminal_size() {
            Some((terminal_size::Width(columns), _)) if columns < WIDE => Self::Narrow,
            _ => Self::Wide,
        }
    }
}

/// The event as a line of a table.
pub fn row(event: &ShownEvent, width: Width, paint: Paint) -> String {
    let position = paint.yellow(&format!("{:>9}", event.position));
    let actor = actor(&event.metadata);
    let name = clean(&event.event);
    let stream = clean(&event.stream);
    match width {
        Width::Wide => {
            let client = event.metadata.client_address.as_deref().unwrap_or("-");
            format!(
                "{position} {} {} {} {} {stream}",
                paint.dim(&time(event.recorded_at)),
                paint.cyan(&padded(&actor, 20)),
                paint.bold(&padded(&name, 42)),
                padded(&clean(client), 15),
            )
        }
        Width::Narrow => {
            let seconds = event.recorded_at.format("%Y-%m-%d %H:%M:%S").to_string();
            let name = name.split_once('/').map_or(&*name, |(_, name)| name);
            let actor = event.metadata.actor_name.as_deref().map_or(actor, clean);
            format!(
                "{position} {} {} {} {stream}",
                paint.dim(&seconds),
                paint.cyan(&padded(&actor, 12)),
                paint.bold(&padded(name, 26)),
            )
        }
    }
}

/// The heading of [`row`]s.
pub fn heading(width: Width, paint: Paint) -> String {
    let text = match width {
        Width::Wide => format!(
            "{:>9} {:<24} {:<20} {:<42} {:<15} STREAM",
            "POSITION", "TIME", "ACTOR", "EVENT", "CLIENT"
        ),
        Width::Narrow => format!(
            "{:>9} {:<19} {:<12} {:<26} STREAM",
            "POSITION", "TIME (UTC)", "ACTOR", "EVENT"
        ),
    };
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
