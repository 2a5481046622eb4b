//! Tiles, and the right edge of a tree: the tiles that are not full yet.

use std::collections::{BTreeMap, BTreeSet};

use super::{Frontier, Hash, Range, TreeHead, root};

/// A tile's hashes are roots of subtrees so much higher than those of the level below.
pub(crate) const HEIGHT: u8 = 8;
/// The hashes of a full tile.
pub(crate) const WIDTH: usize = 1 << HEIGHT;

/// The place of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TileId {
    /// 0: its hashes are leaves.
    pub level: u8,
    pub index: u64,
}

impl TileId {
    /// How many hashes the tile has in a tree of `size` leaves.
    pub fn width(self, size: u64) -> usize {
        let hashes = size
            .checked_shr(u32::from(HEIGHT) * u32::from(self.level))
            .unwrap_or(0);
        let before = self.index.saturating_mul(WIDTH as u64);
        usize::try_from(hashes.saturating_sub(before)).map_or(WIDTH, |width| width.min(WIDTH))
    }

    /// The partial tiles of a tree of `size` leaves, from the leaves up.
    fn edge(size: u64) -> impl Iterator<Item = Self> {
        (0..u64::BITS / u32::from(HEIGHT))
            .zip(0_u8..)
            .map(move |(level, number)| Self {
                level: number,
                index: (size >> (u32::from(HEIGHT) * level)) / WIDTH as u64,
            })
            .filter(move |id| id.width(size) > 0)
    }
}

/// Tiles at hand.
#[derive(Debug, Default)]
pub(crate) struct Tiles(pub BTreeMap<TileId, Vec<Hash>>);

impl Tiles {
    /// The tiles that hold what ranges of leaves are computed from.
    pub fn needed(ranges: &[Range]) -> BTreeSet<TileId> {
        ranges
            .iter()
            .flat_map(|range| range.subtrees())
            .map(|subtree| subtree.tile().0)
            .collect()
    }

    /// The root over a range of leaves; `None` when a tile is not at hand.
    pub fn root(&self, range: Range) -> Option<Hash> {
        let subtrees = range.subtrees().map(|subtree| {
            let (id, hashes) = subtree.tile();
            let hashes = self.0.get(&id)?.get(hashes)?;
            Some(complete_root(hashes))
        });
        Some(root(&subtrees.collect::<Option<Vec<_>>>()?))
    }
}

/// The root of a complete subtree over nodes of one height, whose number is a power of two.
fn complete_root(nodes: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for node in nodes {
        frontier.push(*node);
    }
    frontier.root()
}

/// What a tree grows from: its partial tiles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    frontier: Frontier,
    /// From the leaves up.
    partial: Vec<Vec<Hash>>,
}

impl Edge {
    /// The tiles that the edge of a tree of `size` leaves is made of.
    pub fn needed(size: u64) -> BTreeSet<TileId> {
        TileId::edge(size).collect()
    }

    /// The edge of a tree of `size` leaves; `None` when a tile is not at hand.
    pub fn new(size: u64, tiles: &Tiles) -> Option<Self> {
        let mut partial = Vec::new();
        for id in TileId::edge(size) {
            let level = usize::from(id.level);
            partial.resize_with(level + 1, Vec::new);
            partial[level] = tiles.0.get(&id)?.get(..id.width(size))?.to_vec();
        }
        let mut subtrees = Vec::new();
        for hashes in partial.iter().rev() {
            let mut rest = &hashes[..];
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                subtrees.push(complete_root(subtree));
                rest = after;
            }
        }
        let frontier = Frontier::new(size, subtrees)?;
        Some(Self { frontier, partial })
    }

    /// Adds a leaf; a tile that is full by it goes to `full`.
    pub fn push(&mut self, leaf: Hash, full: &mut impl FnMut(TileId, Vec<Hash>)) {
        let Self { frontier, partial } = self;
        let size = frontier.size() + 1;
        frontier.push_and_tell(leaf, |height, node| {
            if height % HEIGHT != 0 {
                return;
            }
            let level = height / HEIGHT;
            if partial.len() <= usize::from(level) {
                partial.push(Vec::with_capacity(WIDTH));
            }
            let tile = &mut partial[usize::from(level)];
            tile.push(node);
            if tile.len() == WIDTH {
                let index = (size >> height) / WIDTH as u64 - 1;
                full(TileId { level, index }, std::mem::take(tile));
            }
        });
    }

    /// The tiles that are not full.
    pub fn partial(&self) -> impl Iterator<Item = (TileId, &[Hash])> {
        TileId::edge(self.frontier.size()).filter_map(|id| {
            let hashes = self.partial.get(usize::from(id.level))?;
            Some((id, &hashes[..]))
        })
    }

    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    pub fn head(&self) -> TreeHead {
        TreeHead {
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
    }
}
