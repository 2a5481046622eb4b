use std::time::Duration;

use chancery_ledger::Position;
use clap::Args;
use sqlx::postgres::PgListener;
use tokio::signal::unix::{SignalKind, signal};

use super::Place;
use super::filter::FilterArguments;
use super::list::EventWriter;
use super::output::OutputArguments;
use crate::cli::failure::Failure;
use crate::cli::reader::OpenedReader;
use crate::clock::Clock;

/// Where appends are announced.
const CHANNEL: &str = "ledger";
/// The longest time between two looks, should an announcement be missed.
const POLL: Duration = Duration::from_secs(1);
const PAGE: usize = 1000;

/// Flags of `follow`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery audit follow\n  chancery audit follow --from 1 --event login_refused --json | jq .metadata.client_address"
)]
pub struct Arguments {
    #[command(flatten)]
    filter: FilterArguments,
}

/// Runs `follow`: until interrupted, or until --to is reached.
pub async fn run(
    place: &Place,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    // An interrupt is how it is meant to end: the database is left as an end of any other kind leaves it.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    OpenedReader::run(&place.database, async |opened| {
        tokio::select! {
            outcome = follow(opened, output, arguments) => outcome,
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    })
    .await
}

async fn follow(
    opened: &OpenedReader,
    output: &OutputArguments,
    arguments: Arguments,
) -> Result<(), Failure> {
    let reader = &opened.reader;
    let clock = Clock::system();
    let from_now = !arguments.filter.has_beginning();
    // A time that is still to come is no position yet.
    let mut end = arguments
        .filter
        .end_time()
        .filter(|time| *time >= clock.now());
    let mut filter = arguments.filter.resolve(reader).await?;
    let mut listener = PgListener::connect_with(&opened.pool).await?;
    // A standby announces nothing: it is asked instead.
    let listens = listener.listen(CHANNEL).await.is_ok();
    if from_now {
        filter.after = reader.head().await?;
    }
    if end.is_some() {
        filter.until = Position(i64::MAX);
    }
    let mut writer = EventWriter::new(output)?;
    while filter.after < filter.until {
        if let Some(time) = end.take_if(|time| *time < clock.now()) {
            filter.until = reader.position_at(time).await?;
        }
        let head = reader.head().await?;
        loop {
            let events = reader.find(&filter, PAGE).await?;
            for event in &events {
                writer.write(event)?;
            }
            match events.last() {
                Some(last) if events.len() == PAGE => filter.after = last.position,
                Some(last) => {
                    filter.after = last.position.max(head);
                    break;
                }
                None => {
                    filter.after = filter.after.max(head);
                    break;
                }
            }
        }
        writer.flush()?;
        if listens {
            tokio::select! {
                _ = listener.recv() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        } else {
            tokio::time::sleep(POLL).await;
        }
    }
    Ok(())
}
