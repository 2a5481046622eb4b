//! The Merkle tree (RFC 6962, section 2.1): leaf n - 1 is the entry of the event at position n.
//!
//! It is kept in tiles (C2SP tlog-tiles): hashes of every eighth height, 256 to a tile.

mod paths;
mod tiles;

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::{Digest, Sha256};

use crate::chain::Entry;

pub(crate) use paths::{Range, consistency, inclusion};
pub(crate) use tiles::{Edge, TileId, Tiles, WIDTH};

/// A node of the tree.
pub(crate) type Hash = [u8; 32];

/// The node of a leaf.
pub(crate) fn leaf(entry: &Entry) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(entry.0);
    hasher.finalize().into()
}

fn parent(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The root over the roots of a tree's complete subtrees, largest first; the hash of nothing when there is none.
fn root(subtrees: &[Hash]) -> Hash {
    let mut subtrees = subtrees.iter().rev();
    match subtrees.next() {
        None => Sha256::digest([]).into(),
        Some(last) => subtrees.fold(*last, |right, left| parent(left, &right)),
    }
}

/// The roots of a tree's complete subtrees, largest first: all that is needed to add leaves and to tell the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves; `None` when the subtrees are not so many.
    pub fn new(size: u64, subtrees: Vec<Hash>) -> Option<Self> {
        (subtrees.len() == size.count_ones() as usize).then_some(Self { size, subtrees })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_and_tell(leaf, |_, _| {});
    }

    /// Adds a leaf, and tells of it and of every complete subtree that ends with it: its height and root.
    fn push_and_tell(&mut self, leaf: Hash, mut tell: impl FnMut(u8, Hash)) {
        let mut node = leaf;
        let mut height = 0;
        tell(height, node);
        // Each trailing one of the size is a complete subtree as large as the one the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = parent(&left, &node);
                height += 1;
                tell(height, node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        root(&self.subtrees)
    }
}

/// A tree as a checkpoint knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeHead {
    pub size: u64,
    pub root: Hash,
}

impl TreeHead {
    fn known(&self) -> Option<RootHash<Sha256>> {
        // The library's indices are twice as large as the tree's.
        (self.size <= u64::MAX / 4).then(|| RootHash::new(self.root.into(), self.size))
    }

    /// Whether a path proves that the tree has the entry as its leaf of this index.
    pub fn includes(&self, entry: &Entry, leaf: u64, path: &[Hash]) -> bool {
        let proof = InclusionProof::<Sha256>::try_from_bytes(path.concat());
        match (self.known(), proof) {
            (Some(root), Ok(proof)) => root.verify_inclusion(&entry.0, leaf, &proof).is_ok(),
            _ => false,
        }
    }

    /// Whether a path proves that the tree begins as `old` is.
    pub fn extends(&self, old: &Self, path: &[Hash]) -> bool {
        if self.size == old.size || old.size == 0 {
            return path.is_empty() && (old.size == 0 || self == old);
        }
        let proof = ConsistencyProof::<Sha256>::try_from_bytes(path.concat());
        match (self.known(), old.known(), proof) {
            (Some(new), Some(old), Ok(proof)) => new.verify_consistency(&old, &proof).is_ok(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
