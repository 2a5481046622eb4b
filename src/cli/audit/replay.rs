use std::io::Write;

use chancery_ledger::{Position, Replay, Step};
use clap::Args;
use serde_json::json;

use super::Place;
use super::output::{OutputArguments, Paint};
use super::patch::patch;
use super::replay_all;
use super::row::{actor, time};
use super::stream_name::resolve;
use crate::cli::failure::Failure;
use crate::cli::moment::moment;
use crate::cli::reader::OpenedReader;
use crate::cli::terminal::{self, clean, json_line};
use crate::moment::Moment;
use crate::record::{ShownEvent, changes_between, changes_of, known, redacted};

/// Flags of `replay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit replay user/ada\n  chancery audit replay oauth2_app/5a0c... --at 2026-01-31T12:00:00Z\n  chancery audit replay oauth2_app/5a0c... --diff 100..2026-02-01\n  chancery audit replay oauth2_app/5a0c... --steps\n  chancery audit replay --all --at 1234   # then: chancery psql -- -c 'SELECT * FROM as_of_1234.users'\n  chancery audit replay --all --at 2026-02-01 --json > then.jsonl"
)]
pub struct Arguments {
    /// One resource: <aggregate type>/<id>, also by name: user/ada, organization/acme, group/acme/admins
    #[arg(value_name = "STREAM", required_unless_present = "all")]
    stream: Option<String>,

    /// The moment [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,

    /// The difference between two moments
    #[arg(long, value_name = "FROM..TO", value_parser = moments, conflicts_with = "at")]
    diff: Option<(Moment, Moment)>,

    /// Each change as a patch
    #[arg(long, conflicts_with = "diff")]
    steps: bool,

    /// Every read model of the deployment, into a schema of its own or, with --json, to the output
    #[arg(long, conflicts_with_all = ["stream", "diff", "steps"])]
    all: bool,

    /// With --all: the schema's name [default: `as_of_<position>`]
    #[arg(long, requires = "all", value_name = "NAME")]
    schema: Option<String>,

    /// With --all: replace the schema if it is there
    #[arg(long, requires = "all")]
    replace: bool,
}

fn moments(text: &str) -> Result<(Moment, Moment), String> {
    let (from, to) = text.split_once("..").ok_or("expected FROM..TO")?;
    Ok((moment(from)?, moment(to)?))
}

/// Runs `replay`.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    OpenedReader::run(&place.database, async |opened| {
        let reader = &opened.reader;
        let at = match arguments.at {
            None => reader.head().await?,
            Some(moment) => moment.position(reader).await?,
        };
        let Some(stream) = &arguments.stream else {
            let plan = replay_all::Plan {
                at,
                schema: arguments.schema.clone(),
                replace: arguments.replace,
            };
            return replay_all::run(opened, output, plan).await;
        };
        let (kind, id) = resolve(reader, stream).await?;
        let stream = &format!("{kind}/{id}");
        let mut out = terminal::stdout();
        if let Some((from, to)) = arguments.diff {
            let ends = (from.position(reader).await?, to.position(reader).await?);
            let replay = reader.replay(&kind, &id, ends.0.max(ends.1)).await?;
            return difference(&mut out, output, stream, &replay, ends);
        }
        let replay = reader.replay(&kind, &id, at).await?;
        if arguments.steps {
            return steps(&mut out, output, &replay);
        }
        let last = replay.steps.last();
        last.map_or(Ok(()), |step| state(&mut out, output, stream, step, at))
    })
    .await
}

fn state(
    out: &mut impl Write,
    output: &OutputArguments,
    stream: &str,
    step: &Step,
    at: Position,
) -> Result<(), Failure> {
    let known = redacted(&known(step));
    if output.is_json() {
        let value = json!({
            "stream": stream,
            "at": at,
            "position": step.event.position,
            "sequence": step.event.sequence,
            "recorded_at": step.event.recorded_at,
            "recorded": known["recorded"],
            "state": known["state"],
        });
        return json_line(out, &value);
    }
    let paint = output.paint();
    let since = format!(
        "as of position {at}; last changed at position {} of {}",
        step.event.position,
        time(step.event.recorded_at)
    );
    writeln!(out, "{}  {}", paint.bold(&clean(stream)), paint.dim(&since))?;
    writeln!(out, "{}", serde_json::to_string_pretty(&known["state"])?)?;
    Ok(())
}

fn difference(
    out: &mut impl Write,
    output: &OutputArguments,
    stream: &str,
    replay: &Replay,
    (from, to): (Position, Position),
) -> Result<(), Failure> {
    let changes = changes_between(replay.at(from), replay.at(to));
    if output.is_json() {
        let value = json!({"stream": stream, "from": from, "to": to, "changes": changes});
        return json_line(out, &value);
    }
    let paint = output.paint();
    let title = format!("{}  position {from} to {to}", clean(stream));
    writeln!(out, "{}", paint.bold(&title))?;
    write!(out, "{}", patch(&changes, paint))?;
    Ok(())
}

fn steps(out: &mut impl Write, output: &OutputArguments, replay: &Replay) -> Result<(), Failure> {
    let paint = output.paint();
    for (index, step) in replay.steps.iter().enumerate() {
        let changes = changes_of(replay, index);
        if output.is_json() {
            let event = ShownEvent::from(&step.event);
            json_line(out, &json!({"event": event, "changes": changes}))?;
        } else {
            writeln!(out, "{}", step_heading(step, paint))?;
            writeln!(out, "{}", patch(&changes, paint))?;
        }
    }
    Ok(())
}

fn step_heading(step: &Step, paint: Paint) -> String {
    let event = &step.event;
    format!(
        "{} {} by {}, {}",
        paint.yellow(&format!("position {}", event.position)),
        paint.bold(&clean(&format!(
            "{}/{}",
            event.aggregate_type, event.event_type
        ))),
        paint.cyan(&actor(&event.metadata)),
        paint.dim(&time(event.recorded_at))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_between_two_moments() {
        assert_eq!(
            moments("1..22"),
            Ok((Moment::Position(1), Moment::Position(22)))
        );
        assert!(moments("2026-01-01T00:00:00.5Z..7").is_ok());
        assert!(moments("1").is_err() && moments("1..").is_err() && moments("..1").is_err());
    }
}
