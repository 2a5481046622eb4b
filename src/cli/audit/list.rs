use std::io::Write;

use chancery_ledger::{EventFilter, LedgerReader, Position, RecordedEvent};
use clap::Args;

use super::Place;
use super::filter::FilterArguments;
use super::output::{Format, OutputArguments};
use super::row::{Width, heading, row};
use crate::cli::failure::Failure;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, Stdout, clean, json_line};
use crate::record::ShownEvent;

/// Events found by one query.
const PAGE: usize = 1000;

/// Flags of `list`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit list --resource user --from 2026-01-01 --to 2026-02-01\n  chancery audit list --organization acme --limit 10\n  chancery audit list --all --format csv > events.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,

    /// How many at most
    #[arg(
        long,
        default_value_t = 50,
        value_name = "COUNT",
        conflicts_with = "all"
    )]
    limit: usize,

    /// Without a limit
    #[arg(long)]
    all: bool,

    /// Oldest first
    #[arg(long)]
    reverse: bool,
}

/// Runs `list`.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        arguments.filter.check_range(&opened.reader).await?;
        let filter = arguments.filter.resolve(&opened.reader).await?;
        expect_stream(&opened.reader, &filter).await?;
        let mut left = if arguments.all {
            usize::MAX
        } else {
            arguments.limit
        };
        let mut writer = EventWriter::new(output)?;
        let mut pages = Pages {
            filter,
            oldest_first: arguments.reverse,
        };
        while left > 0 {
            let events = pages.next(&opened.reader, PAGE.min(left)).await?;
            if events.is_empty() {
                break;
            }
            left -= events.len();
            for event in &events {
                writer.write(event)?;
            }
        }
        writer.flush()
    })
    .await
}

/// Fails when one resource is asked for and nothing ever happened to it.
async fn expect_stream(reader: &LedgerReader, filter: &EventFilter) -> Result<(), Failure> {
    let (Some(kind), Some(id)) = (&filter.aggregate_type, &filter.aggregate_id) else {
        return Ok(());
    };
    if reader.read_stream(kind, id).await?.is_empty() {
        let message = format!("there is no stream {kind}/{id}");
        return Err(Failure::NotFound(message));
    }
    Ok(())
}

struct Pages {
    filter: EventFilter,
    oldest_first: bool,
}

impl Pages {
    async fn next(
        &mut self,
        reader: &LedgerReader,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, Failure> {
        let events = if self.oldest_first {
            reader.find(&self.filter, limit).await?
        } else {
            reader.find_newest(&self.filter, limit).await?
        };
        if let Some(last) = events.last() {
            if self.oldest_first {
                self.filter.after = last.position;
            } else {
                self.filter.until = Position(last.position.0 - 1);
            }
        }
        Ok(events)
    }
}

/// Writes events in the format asked for.
pub struct EventWriter {
    sink: Sink,
    width: Width,
    paint: super::output::Paint,
}

enum Sink {
    Table(Stdout),
    Json(std::io::BufWriter<Stdout>),
    Csv(Box<csv::Writer<Stdout>>),
}

impl EventWriter {
    /// Writes the heading, where there is one.
    pub fn new(output: &OutputArguments) -> Result<Self, Failure> {
        let paint = output.paint();
        let width = Width::of_terminal();
        let sink = match output.format() {
            Format::Table => {
                let mut out = terminal::stdout();
                writeln!(out, "{}", heading(width, paint))?;
                Sink::Table(out)
            }
            Format::Json => Sink::Json(std::io::BufWriter::new(terminal::stdout())),
            Format::Csv => {
                let mut out = csv::Writer::from_writer(terminal::stdout());
                out.write_record([
                    "position",
                    "recorded_at",
                    "event",
                    "stream",
                    "sequence",
                    "actor_kind",
                    "actor_id",
                    "actor_name",
                    "on_behalf_of",
                    "client_address",
                    "user_agent",
                    "request_id",
                    "payload",
                ])?;
                Sink::Csv(Box::new(out))
            }
        };
        Ok(Self { sink, width, paint })
    }

    /// Writes one event.
    pub fn write(&mut self, event: &RecordedEvent) -> Result<(), Failure> {
        let decoded = ShownEvent::from(event);
        match &mut self.sink {
            Sink::Table(out) => writeln!(out, "{}", row(&decoded, self.width, self.paint))?,
            Sink::Json(out) => json_line(out, &decoded)?,
            Sink::Csv(out) => {
                let metadata = &decoded.metadata;
                let text = |value: &Option<String>| cell(value.as_deref().unwrap_or_default());
                out.write_record([
                    decoded.position.to_string(),
                    decoded.recorded_at.to_rfc3339(),
                    cell(&decoded.event),
                    cell(&decoded.stream),
                    decoded.sequence.to_string(),
                    text(&metadata.actor_kind),
                    text(&metadata.actor_id),
                    text(&metadata.actor_name),
                    text(&metadata.on_behalf_of),
                    text(&metadata.client_address),
                    text(&metadata.user_agent),
                    text(&metadata.request_id),
                    decoded.payload.to_string(),
                ])?;
            }
        }
        Ok(())
    }

    /// Makes sure that everything is out.
    pub fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Table(out) => out.flush()?,
            Sink::Json(out) => out.flush()?,
            Sink::Csv(out) => out.flush()?,
        }
        Ok(())
    }
}

/// Text as a spreadsheet shows it: what would be a formula there is quoted, since others chose it.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quote = if is_formula { "'" } else { "" };
    format!("{quote}{}", clean(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_in_a_spreadsheet() {
        for text in ["=HYPERLINK(\"x\")", "+1", "-1", "@x", "\t=1", "\r=1"] {
            assert_eq!(cell(text), format!("'{}", clean(text)));
        }
        assert_eq!(cell("curl/8 =1"), "curl/8 =1");
        assert_eq!(cell(""), "");
    }
}
