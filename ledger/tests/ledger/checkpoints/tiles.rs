//! The tree as it is served, read by another implementation.

use chancery_ledger::{Checkpoint, LedgerReader};
use tlog_tiles::{Hash, Tile, TileHashReader, TileReader};

use super::Audited;

/// The tiles that a client fetched.
struct Fetched(Vec<(Tile, Vec<u8>)>);

impl TileReader for Fetched {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let found = self.0.iter().find(|(fetched, _)| fetched == tile);
            found.unwrap_or_else(|| panic!("{}", tile.path())).1.clone()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

async fn fetched(reader: &LedgerReader, checkpoint: &Checkpoint) -> Fetched {
    let size = u64::try_from(checkpoint.position.0).unwrap();
    let mut tiles = Vec::new();
    for tile in Tile::new_tiles(8, 0, size) {
        let path = tile.path();
        let path = path.strip_prefix("tile/8/").unwrap().parse().unwrap();
        tiles.push((tile, reader.tile(path).await.unwrap().unwrap()));
    }
    Fetched(tiles)
}

#[tokio::test]
async fn tiles_and_entries_lead_to_the_checkpoint() {
    let audited = Audited::new(250).await;
    for more in [5, 1, 1, 270] {
        audited.record(more).await;
        let checkpoint = audited.checkpoint().await;
        let size = u64::try_from(checkpoint.position.0).unwrap();
        let tiles = fetched(&audited.reader, &checkpoint).await;
        let root = Hash(checkpoint.root);
        let reader = TileHashReader::new(size, root, &tiles);
        assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap(), root);

        let path = "entries/000.p/7".parse().unwrap();
        let bundle = audited.reader.tile(path).await.unwrap().unwrap();
        for (leaf, entry) in (0..).zip(bundle.chunks(50)) {
            assert_eq!(entry[..2], [0, 48]);
            let proof = tlog_tiles::prove_record(size, leaf, &reader).unwrap();
            let hash = tlog_tiles::record_hash(&entry[2..]);
            tlog_tiles::check_record(&proof, size, root, leaf, hash).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_is_served_beyond_the_last_checkpoint() {
    let audited = Audited::new(3).await;
    let served = async |path: &str| {
        let tile = audited.reader.tile(path.parse().unwrap()).await.unwrap();
        tile.map(|tile| tile.len())
    };
    assert_eq!(served("0/000.p/1").await, None);
    audited.checkpoint().await;
    audited.record(2).await;
    assert_eq!(served("0/000.p/2").await, Some(64));
    assert_eq!(served("0/000.p/3").await, Some(96));
    assert_eq!(served("entries/000.p/3").await, Some(150));
    for beyond in [
        "0/000.p/4",
        "0/000",
        "0/001.p/1",
        "1/000.p/1",
        "9/000.p/1",
        "entries/000.p/4",
    ] {
        assert_eq!(served(beyond).await, None, "{beyond}");
    }
}
