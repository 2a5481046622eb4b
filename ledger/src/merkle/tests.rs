use ct_merkle::mem_backed_tree::MemoryBackedTree;
use tlog_tiles::{HashReader, Tile, TileHashReader, TileReader};

use super::tiles::HEIGHT;
use super::*;

fn entry(n: u64) -> Entry {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Entry(bytes)
}

/// A tree of `size` leaves, grown from nothing.
fn grown(size: u64) -> (Edge, Tiles) {
    let mut edge = Edge::default();
    let mut tiles = Tiles::default();
    for n in 0..size {
        edge.push(leaf(&entry(n)), &mut |id, hashes| {
            assert!(tiles.0.insert(id, hashes).is_none(), "{id:?} twice");
        });
    }
    for (id, hashes) in edge.partial() {
        tiles.0.insert(id, hashes.to_vec());
    }
    (edge, tiles)
}

fn path(tiles: &Tiles, ranges: &[Range]) -> Vec<Hash> {
    let needed = Tiles::needed(ranges);
    let at_hand = needed
        .into_iter()
        .map(|id| (id, tiles.0[&id].clone()))
        .collect();
    let at_hand = Tiles(at_hand);
    let roots = ranges.iter().map(|range| at_hand.root(*range).unwrap());
    roots.collect()
}

#[test]
fn roots_and_proofs_of_every_small_tree_are_those_of_a_tree_in_memory() {
    let mut whole = MemoryBackedTree::<Sha256, [u8; 48]>::new();
    let mut heads = Vec::new();
    for size in 1..=70_u64 {
        whole.push(entry(size - 1).0);
        let (edge, tiles) = grown(size);
        let head = edge.head();
        heads.push(head);
        assert_eq!(&head.root[..], &whole.root().as_bytes()[..], "of {size}");
        for leaf in 0..size {
            let path = path(&tiles, &inclusion(leaf, size).unwrap());
            let expected = whole.prove_inclusion(usize::try_from(leaf).unwrap());
            assert_eq!(path.concat(), expected.as_bytes(), "{leaf} of {size}");
            assert!(head.includes(&entry(leaf), leaf, &path));
            assert!(!head.includes(&entry(leaf + 1), leaf, &path));
            let other = TreeHead {
                root: [9; 32],
                ..head
            };
            assert!(!other.includes(&entry(leaf), leaf, &path));
        }
        for old in &heads {
            let path = path(&tiles, &consistency(old.size, size).unwrap());
            if old.size < size {
                let added = usize::try_from(size - old.size).unwrap();
                assert_eq!(path.concat(), whole.prove_consistency(added).as_bytes());
            }
            assert!(head.extends(old, &path), "{} in {size}", old.size);
            let other = TreeHead {
                root: [9; 32],
                ..*old
            };
            assert!(!head.extends(&other, &path), "{} in {size}", old.size);
        }
        assert!(inclusion(size, size).is_none() && consistency(size + 1, size).is_none());
    }
}

/// What the other implementation reads.
struct Served<'a>(&'a Tiles);

impl TileReader for Served<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let id = TileId {
                level: tile.level(),
                index: tile.level_index(),
            };
            self.0.0[&id][..tile.width() as usize].concat()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[test]
fn another_implementation_reads_the_tiles_and_makes_the_same_proofs_of_them() {
    for size in [1, 255, 256, 257, 70_000] {
        let (edge, tiles) = grown(size);
        let served = Served(&tiles);
        let root = tlog_tiles::Hash(edge.head().root);
        let reader = TileHashReader::new(size, root, &served);
        assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap(), root);
        for leaf in [0, size / 3, size / 2, size - 1] {
            let proof = tlog_tiles::prove_record(size, leaf, &reader).unwrap();
            let theirs: Vec<Hash> = proof.iter().map(|hash| hash.0).collect();
            assert_eq!(path(&tiles, &inclusion(leaf, size).unwrap()), theirs);
            let proof = tlog_tiles::prove_tree(size, leaf + 1, &reader).unwrap();
            let theirs: Vec<Hash> = proof.iter().map(|hash| hash.0).collect();
            assert_eq!(path(&tiles, &consistency(leaf + 1, size).unwrap()), theirs);
        }
        let indexes = [tlog_tiles::stored_hash_index(0, size - 1)];
        let last = reader.read_hashes(&indexes).unwrap();
        assert_eq!(last[0].0, leaf(&entry(size - 1)));
    }
}

#[test]
fn a_tree_grows_on_from_its_partial_tiles() {
    let (whole, tiles) = grown(1500);
    for size in [0, 1, 255, 256, 257, 511, 512, 1024, 1499] {
        assert!(Edge::needed(size).iter().all(|id| tiles.0.contains_key(id)));
        let mut edge = Edge::new(size, &tiles).unwrap();
        assert_eq!(edge.head(), grown(size).0.head());
        for n in size..1500 {
            edge.push(leaf(&entry(n)), &mut |id, hashes| {
                assert_eq!(tiles.0[&id], hashes);
            });
        }
        assert_eq!(edge.head(), whole.head());
        let partial: Vec<_> = edge.partial().collect();
        assert_eq!(partial, whole.partial().collect::<Vec<_>>());
    }
    assert!(Edge::new(1501, &tiles).is_none());
}

#[test]
fn the_empty_tree_has_the_hash_of_nothing_and_is_the_beginning_of_every_tree() {
    let empty = Edge::default().head();
    assert_eq!(
        hex::encode(empty.root),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert!(inclusion(0, 0).is_none());
    assert!(grown(3).0.head().extends(&empty, &[]));
}
