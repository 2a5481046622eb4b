//! An event as a line. There is one way to write an event, so that any other byte is found.

use std::io::Write;

use crate::StoredEvent;

/// Appends the event's line, with its line feed.
pub(super) fn write(event: &StoredEvent, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *out, event)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// The event of a line without its line feed.
pub(super) fn parse(line: &[u8]) -> Result<StoredEvent, String> {
    let event: StoredEvent = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let mut again = Vec::with_capacity(line.len() + 1);
    write(&event, &mut again).map_err(|error| error.to_string())?;
    if again.split_last() == Some((&b'\n', line)) {
        Ok(event)
    } else {
        Err("it is not written the way exports are".to_owned())
    }
}
