//! The Merkle tree (RFC 6962, section 2.1) over the events' hashes: leaf n - 1 is the hash of the event at position n.
//!
//! Only its right edge is kept: a tree of any size grows from some 32 bytes per binary digit of its size.

use ct_merkle::{InclusionProof, RootHash};
use sha2::{Digest, Sha256};

/// A node of the tree, or a leaf's input.
pub(crate) type Hash = [u8; 32];

fn leaf(input: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(input);
    hasher.finalize().into()
}

fn parent(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The roots of a tree's complete subtrees, largest first: all that is needed to add leaves and to tell the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves, as [`bytes`](Self::bytes) wrote it; `None` when it is not one.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (subtrees, rest) = bytes.as_chunks::<32>();
        let complete = size.count_ones() as usize;
        (rest.is_empty() && subtrees.len() == complete).then(|| Self {
            size,
            subtrees: subtrees.to_vec(),
        })
    }

    /// The subtrees' roots, one after the other.
    pub fn bytes(&self) -> Vec<u8> {
        self.subtrees.concat()
    }

    #[cfg(test)]
    fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, input: &Hash) {
        let mut node = leaf(input);
        // Each trailing one of the size is a complete subtree as large as the one the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = parent(&left, &node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// The tree's root; the hash of nothing when it has no leaf.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        match subtrees.next() {
            None => Sha256::digest([]).into(),
            Some(last) => subtrees.fold(*last, |right, left| parent(left, &right)),
        }
    }
}

/// Computes the audit path of one leaf (RFC 6962, section 2.1.1) from all leaves in order, in little memory.
pub(crate) struct PathBuilder {
    leaf: u64,
    next: u64,
    /// The subtrees beside the way from the leaf to the root: where each ends (exclusive), and what it holds so far.
    siblings: Vec<(u64, Frontier)>,
    /// Places in `siblings`, from the leaf up.
    order: Vec<usize>,
}

impl PathBuilder {
    /// For the leaf of this index in a tree of `size` leaves; `None` when the tree has no such leaf.
    pub fn new(leaf: u64, size: u64) -> Option<Self> {
        if leaf >= size {
            return None;
        }
        let (mut from, mut to) = (0, size);
        let mut downwards = Vec::new();
        while to - from > 1 {
            // The largest power of two smaller than the number of leaves.
            let split = from + (1 << (to - from - 1).ilog2());
            if leaf < split {
                downwards.push((split, to));
                to = split;
            } else {
                downwards.push((from, split));
                from = split;
            }
        }
        let mut order: Vec<usize> = (0..downwards.len()).collect();
        order.sort_by_key(|place| downwards[*place].0);
        let mut sorted = vec![0; order.len()];
        for (rank, place) in order.iter().enumerate() {
            sorted[downwards.len() - 1 - place] = rank;
        }
        let siblings = order
            .iter()
            .map(|place| (downwards[*place].1, Frontier::default()))
            .collect();
        Some(Self {
            leaf,
            next: 0,
            siblings,
            order: sorted,
        })
    }

    /// Takes the next leaf's input.
    pub fn push(&mut self, input: &Hash) {
        let index = self.next;
        self.next += 1;
        if index == self.leaf {
            return;
        }
        let place = self.siblings.partition_point(|(end, _)| *end <= index);
        if let Some((_, subtree)) = self.siblings.get_mut(place) {
            subtree.push(input);
        }
    }

    /// The path, from the leaf up.
    pub fn path(&self) -> Vec<Hash> {
        self.order
            .iter()
            .map(|place| self.siblings[*place].1.root())
            .collect()
    }
}

/// Whether a path proves that the leaf of this index is in the tree of this size and root.
pub(crate) fn is_included(input: &Hash, leaf: u64, path: &[Hash], size: u64, root: &Hash) -> bool {
    let Ok(proof) = InclusionProof::<Sha256>::try_from_bytes(path.concat()) else {
        return false;
    };
    // The library's indices are twice as large as the tree's.
    if size > u64::MAX / 4 {
        return false;
    }
    RootHash::new((*root).into(), size)
        .verify_inclusion(input, leaf, &proof)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    use super::*;

    fn inputs(count: u8) -> Vec<Hash> {
        (0..count).map(|n| [n; 32]).collect()
    }

    #[test]
    fn roots_and_paths_of_every_small_tree_are_those_of_a_tree_in_memory() {
        let mut whole = MemoryBackedTree::<Sha256, Hash>::new();
        let mut frontier = Frontier::default();
        for size in 1..=70_u8 {
            let inputs = inputs(size);
            whole.push(inputs[usize::from(size) - 1]);
            frontier.push(&inputs[usize::from(size) - 1]);
            assert_eq!(
                &frontier.root()[..],
                &whole.root().as_bytes()[..],
                "of {size}"
            );
            for leaf in 0..size {
                let mut builder = PathBuilder::new(leaf.into(), size.into()).unwrap();
                for input in &inputs {
                    builder.push(input);
                }
                let path = builder.path();
                let expected = whole.prove_inclusion(leaf.into());
                assert_eq!(path.concat(), expected.as_bytes(), "{leaf} of {size}");
                let input = &inputs[usize::from(leaf)];
                let root = frontier.root();
                assert!(is_included(input, leaf.into(), &path, size.into(), &root));
                assert!(!is_included(
                    &[255; 32],
                    leaf.into(),
                    &path,
                    size.into(),
                    &root
                ));
                assert!(!is_included(
                    input,
                    leaf.into(),
                    &path,
                    size.into(),
                    &[9; 32]
                ));
            }
        }
    }

    #[test]
    fn a_frontier_is_kept_as_bytes_and_grows_on() {
        let inputs = inputs(23);
        let mut all = Frontier::default();
        let mut kept = Frontier::default();
        for input in &inputs {
            all.push(input);
            let bytes = kept.bytes();
            kept = Frontier::from_bytes(kept.size(), &bytes).unwrap();
            kept.push(input);
        }
        assert_eq!(kept, all);
        assert_eq!(Frontier::from_bytes(22, &all.bytes()), None);
        assert_eq!(Frontier::from_bytes(23, &all.bytes()[1..]), None);
    }

    #[test]
    fn the_empty_tree_has_the_hash_of_nothing_and_no_leaf() {
        assert_eq!(
            hex::encode(Frontier::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert!(PathBuilder::new(0, 0).is_none());
    }
}
