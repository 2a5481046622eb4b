//! An event as a line. There is one way to write an event, so that any other byte is found.
//!
//! Exports are long, so what is recorded every day is read and written as it lies, without a tree of JSON in between;
//! whatever is unusual goes through the tree, which decides.

mod plain;

use sqlx::postgres::PgRow;

use crate::verify::Link;
use crate::{Position, ReadError, StoredEvent, chain, reader};

/// Appends the line of a row of `read.sql`, with its line feed; tells its position.
pub(super) fn append(row: &PgRow, out: &mut Vec<u8>) -> Result<Position, ReadError> {
    let raw = reader::raw(row)?;
    let begin = out.len();
    if plain::write(&raw, out).is_none() {
        out.truncate(begin);
        let event = reader::stored(row)?;
        write(&event, out).map_err(|error| ReadError::Malformed {
            position: event.position,
            reason: error.to_string(),
        })?;
    }
    Ok(raw.position)
}

/// What the chain needs of a line without its line feed; `canonical` is room to work in.
pub(super) fn link(line: &[u8], canonical: &mut Vec<u8>) -> Result<Link, String> {
    plain::link(line, canonical).map_or_else(|| link_by_tree(line), Ok)
}

fn link_by_tree(line: &[u8]) -> Result<Link, String> {
    let event = parse(line)?;
    Ok(Link {
        position: event.position,
        microseconds: event.recorded_at.timestamp_micros(),
        content: chain::content_of(&event),
        hash: event.hash,
    })
}

fn write(event: &StoredEvent, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *out, event)?;
    out.push(b'\n');
    Ok(())
}

fn parse(line: &[u8]) -> Result<StoredEvent, String> {
    let event: StoredEvent = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut again = Vec::with_capacity(line.len() + 1);
    write(&event, &mut again).map_err(|error| error.to_string())?;
    if again.split_last() == Some((&b'\n', line)) {
        Ok(event)
    } else {
        Err("it is not written the way exports are".to_owned())
    }
}

#[cfg(test)]
mod tests;
