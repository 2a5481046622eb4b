//! The tree and its leaves as C2SP tlog-tiles serves them.

use std::str::FromStr;

use super::Checkpoint;
use crate::merkle::{TileId, WIDTH};
use crate::{LedgerReader, ReadError, reader};

/// The path of a tile below a log's address, without the leading `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    id: TileId,
    width: usize,
    is_entries: bool,
}

/// A text is not the path of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile: expected <level or entries>/<index>[.p/<width>]")]
pub struct TileError;

impl TilePath {
    /// Whether it is of the leaves themselves, not of hashes.
    pub fn is_entries(&self) -> bool {
        self.is_entries
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let read = || {
            let (kind, place) = text.split_once('/')?;
            let (place, width) = match place.split_once(".p/") {
                Some((place, width)) => (place, number(width, WIDTH as u64 - 1)?),
                None => (place, WIDTH as u64),
            };
            let is_entries = kind == "entries";
            let level = if is_entries { 0 } else { number(kind, 63)? };
            let id = TileId {
                level: u8::try_from(level).ok()?,
                index: index(place)?,
            };
            let width = usize::try_from(width).ok().filter(|width| *width > 0)?;
            Some(Self {
                id,
                width,
                is_entries,
            })
        };
        read().ok_or(TileError)
    }
}

/// A number without leading zeros, `largest` at most.
fn number(text: &str, largest: u64) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text && number <= largest).then_some(number)
}

/// Three digits to a path element, all but the last behind an `x`.
fn index(text: &str) -> Option<u64> {
    let mut elements = text.split('/').rev();
    let mut digits = vec![elements.next()?];
    for element in elements {
        digits.push(element.strip_prefix('x')?);
    }
    let is_digits = |part: &&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let first = digits.last()?;
    if !digits.iter().all(is_digits) || (digits.len() > 1 && *first == "000") {
        return None;
    }
    digits.reverse();
    let index: u64 = digits.concat().parse().ok()?;
    i64::try_from(index).ok()?;
    Some(index)
}

impl LedgerReader {
    /// A tile of the last checkpoint's tree, or an entry bundle; `None`: that tree has none, or not of this width.
    pub async fn tile(&self, path: TilePath) -> Result<Option<Vec<u8>>, ReadError> {
        let latest = self.latest_checkpoint().await?;
        let size = latest
            .as_ref()
            .map_or(0, |latest| Checkpoint::head(latest).size);
        if path.width > path.id.width(size) {
            return Ok(None);
        }
        if path.is_entries {
            return Ok(Some(self.entries(path).await?));
        }
        let mut tiles = self.tiles(&[path.id].into()).await?;
        let hashes = tiles.0.remove(&path.id);
        Ok(hashes.and_then(|hashes| Some(hashes.get(..path.width)?.concat())))
    }

    /// The leaves, each behind its length in two bytes, big-endian.
    async fn entries(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        let before = i64::try_from(path.id.index * WIDTH as u64).unwrap_or(i64::MAX);
        let width = i64::try_from(path.width).unwrap_or(i64::MAX);
        let rows = reader::read_rows(&self.pool, crate::Position(before), width).await?;
        let mut bundle = Vec::with_capacity(path.width * 50);
        for row in &rows {
            let entry = reader::raw(row)?.entry().0;
            bundle.extend_from_slice(&u16::try_from(entry.len()).unwrap_or_default().to_be_bytes());
            bundle.extend_from_slice(&entry);
        }
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_another_implementation_writes_them() {
        for (level, index, width) in [
            (0, 0, 256),
            (0, 999, 1),
            (1, 1000, 255),
            (2, 1_234_067, 256),
            (63, 1_000_000_000, 17),
        ] {
            let theirs = tlog_tiles::Tile::new(8, level, index, width, false).path();
            // Theirs names the height first.
            let text = theirs.strip_prefix("tile/8/").unwrap();
            let path: TilePath = text.parse().unwrap();
            assert_eq!(path.id, TileId { level, index }, "{text}");
            assert_eq!(path.width, width as usize);
        }
        assert!(
            "entries/x001/002.p/3"
                .parse::<TilePath>()
                .unwrap()
                .is_entries()
        );
        for broken in [
            "",
            "0",
            "0/",
            "0/1",
            "0/0001",
            "00/001",
            "64/001",
            "-1/001",
            "0/001/002",
            "0/x000/002",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/07",
            "0/x001/002x",
            "x/001",
            "0/x01/002",
            "0/+01",
            "0/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(broken.parse::<TilePath>(), Err(TileError), "{broken}");
        }
    }
}
