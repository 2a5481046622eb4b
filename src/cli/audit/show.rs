use std::io::Write;

use chancery_ledger::{EventFilter, LedgerReader, Position, RecordedEvent};
use clap::Args;
use serde::Serialize;

use super::Place;
use super::output::{OutputArguments, Paint};
use super::patch::patch;
use super::row::actor;
use crate::cli::failure::Failure;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, clean, json_line};
use crate::record::{Change, ShownEvent, changes_of};

/// How far around an event the others of its request are looked for.
const AROUND: i64 = 2000;
/// How many events of a request, or links of a chain of causes, are shown.
const SHOWN: usize = 32;

/// Flags of `show`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  chancery audit show 1234\n  chancery audit show 1234 --json")]
pub struct Arguments {
    /// The event's position
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    position: i64,
}

/// An event and what it belongs to.
#[derive(Serialize)]
struct Shown {
    event: ShownEvent,
    /// What it changed in its stream's state.
    changes: Vec<Change>,
    /// What led to it: the request that its causation names, and so on; the latest cause first.
    causes: Vec<Brief>,
    /// Everything recorded in the same request.
    request: Vec<Brief>,
    /// The event before it in its stream.
    previous: Option<Brief>,
    /// The event after it in its stream.
    next: Option<Brief>,
}

/// An event in a word.
#[derive(Serialize)]
struct Brief {
    position: i64,
    stream: String,
    event: String,
    actor: String,
}

impl From<&RecordedEvent> for Brief {
    fn from(event: &RecordedEvent) -> Self {
        Self {
            position: event.position.0,
            stream: format!("{}/{}", event.aggregate_type, event.aggregate_id),
            event: format!("{}/{}", event.aggregate_type, event.event_type),
            actor: actor(&event.metadata),
        }
    }
}

/// Runs `show`.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        let shown = gather(&opened.reader, arguments.position).await?;
        let mut out = terminal::stdout();
        if output.is_json() {
            json_line(&mut out, &shown)
        } else {
            Ok(print(&mut out, &shown, output.paint())?)
        }
    })
    .await
}

async fn gather(reader: &LedgerReader, position: i64) -> Result<Shown, Failure> {
    let Some(event) = reader.event(Position(position)).await? else {
        return Err(Failure::no_position(position, reader.head().await?));
    };
    let stream = reader
        .replay(
            &event.aggregate_type,
            &event.aggregate_id,
            Position(i64::MAX),
        )
        .await?;
    let index = stream
        .steps
        .iter()
        .position(|step| step.event.position == event.position);
    let neighbour = |distance: isize| {
        let index = index?.checked_add_signed(distance)?;
        stream.steps.get(index).map(|step| Brief::from(&step.event))
    };
    Ok(Shown {
        changes: index.map_or_else(Vec::new, |index| changes_of(&stream, index)),
        causes: causes(reader, &event).await?,
        request: request(reader, &event).await?,
        previous: neighbour(-1),
        next: neighbour(1),
        event: ShownEvent::from(&event),
    })
}

async fn request(reader: &LedgerReader, event: &RecordedEvent) -> Result<Vec<Brief>, Failure> {
    let Some(request_id) = event.metadata.request_id.clone() else {
        return Ok(Vec::new());
    };
    let filter = EventFilter {
        after: Position(event.position.0.saturating_sub(AROUND)),
        until: Position(event.position.0.saturating_add(AROUND)),
        request_id: Some(request_id),
        ..EventFilter::default()
    };
    let events = reader.find(&filter, SHOWN).await?;
    Ok(events.iter().map(Brief::from).collect())
}

async fn causes(reader: &LedgerReader, event: &RecordedEvent) -> Result<Vec<Brief>, Failure> {
    let mut causes = Vec::new();
    let mut cause = event.metadata.causation_id.clone();
    let mut until = Position(event.position.0 - 1);
    while let Some(request_id) = cause.take() {
        let filter = EventFilter {
            until,
            request_id: Some(request_id),
            ..EventFilter::default()
        };
        let found = reader.find_newest(&filter, 1).await?;
        if let Some(found) = found.first().filter(|_| causes.len() < SHOWN) {
            causes.push(Brief::from(found));
            cause.clone_from(&found.metadata.causation_id);
            until = Position(found.position.0 - 1);
        }
    }
    Ok(causes)
}

fn print(out: &mut impl Write, shown: &Shown, paint: Paint) -> std::io::Result<()> {
    let event = &shown.event;
    print_head(out, event, paint)?;
    let changes = patch(&shown.changes, paint);
    write!(out, "\n{}\n{changes}", paint.cyan("changes"))?;
    let pretty = serde_json::to_string_pretty(&event.payload)?;
    writeln!(out, "\n{}\n{pretty}", paint.cyan("event"))?;
    let mut section = |title: &str, briefs: Vec<&Brief>| {
        writeln!(out, "\n{}", paint.cyan(title))?;
        briefs.into_iter().try_for_each(|brief| {
            let is_this = brief.position == event.position;
            print_brief(out, brief, is_this, paint)
        })
    };
    if !shown.causes.is_empty() {
        section("caused by", shown.causes.iter().collect())?;
    }
    if shown.request.len() > 1 {
        section(
            "recorded in the same request",
            shown.request.iter().collect(),
        )?;
    }
    let this = Brief {
        position: event.position,
        stream: event.stream.clone(),
        event: event.event.clone(),
        actor: actor(&event.metadata),
    };
    let neighbours = [shown.previous.as_ref(), Some(&this), shown.next.as_ref()];
    section("in its stream", neighbours.into_iter().flatten().collect())
}

fn print_head(out: &mut impl Write, event: &ShownEvent, paint: Paint) -> std::io::Result<()> {
    let metadata = &event.metadata;
    writeln!(
        out,
        "{} {}  {}",
        paint.yellow(&format!("position {}", event.position)),
        paint.bold(&clean(&event.event)),
        paint.dim(&format!("version {}", clean(&event.event_version)))
    )?;
    let id = metadata.actor_id.as_deref().map(|id| format!(" ({id})"));
    let route = [&metadata.http_method, &metadata.http_route]
        .map(|part| part.as_deref().unwrap_or_default())
        .join(" ");
    let request = metadata.request_id.as_ref();
    for (name, value) in [
        (
            "stream",
            Some(format!("{} #{}", event.stream, event.sequence)),
        ),
        ("recorded", Some(event.recorded_at.to_rfc3339())),
        ("actor", Some(actor(metadata) + &id.unwrap_or_default())),
        ("for", metadata.on_behalf_of.clone()),
        ("request", request.map(|id| format!("{id} {route}"))),
        ("client", metadata.client_address.clone()),
        ("agent", metadata.user_agent.clone()),
        ("server", metadata.server_version.clone()),
        ("append", Some(event.append_id.to_string())),
        ("hash", Some(event.hash.clone())),
    ] {
        if let Some(value) = value {
            writeln!(out, "{name:<10} {}", clean(&value))?;
        }
    }
    Ok(())
}

fn print_brief(
    out: &mut impl Write,
    brief: &Brief,
    is_this: bool,
    paint: Paint,
) -> std::io::Result<()> {
    writeln!(
        out,
        "{}{} {} by {}  {}",
        if is_this { ">" } else { " " },
        paint.yellow(&format!("{:>9}", brief.position)),
        clean(&brief.event),
        brief.actor,
        paint.dim(&clean(&brief.stream))
    )
}
