//! Which nodes a proof is made of (RFC 6962, sections 2.1.1 and 2.1.2).

use std::ops::Range as Indices;

use super::tiles::{HEIGHT, TileId, WIDTH};

/// Consecutive leaves, of which a proof needs the root over them: aligned as nodes of the tree are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    from: u64,
    to: u64,
}

/// A complete subtree: the node of this index among those of its height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subtree {
    height: u8,
    index: u64,
}

impl Range {
    /// The complete subtrees that make up the range, largest first.
    pub(super) fn subtrees(self) -> impl Iterator<Item = Subtree> {
        let mut from = self.from;
        std::iter::from_fn(move || {
            let left = self.to - from;
            let size = left.checked_ilog2()?;
            let index = from >> size;
            from += 1 << size;
            let height = u8::try_from(size).ok()?;
            Some(Subtree { height, index })
        })
    }

    fn split(self) -> Option<(Self, Self)> {
        let size = self.to - self.from;
        // The largest power of two smaller than the number of leaves.
        let left = size.checked_sub(1)?.checked_ilog2()?;
        let middle = self.from + (1 << left);
        let (from, to) = (self.from, self.to);
        Some((Self { from, to: middle }, Self { from: middle, to }))
    }
}

impl Subtree {
    /// The tile that holds it or its nodes, and which of the tile's hashes they are.
    pub(super) fn tile(self) -> (TileId, Indices<usize>) {
        let (level, inside) = (self.height / HEIGHT, self.height % HEIGHT);
        let first = self.index << inside;
        let index = first / WIDTH as u64;
        // A remainder of the width.
        let begin = usize::try_from(first % WIDTH as u64).unwrap_or_default();
        (TileId { level, index }, begin..begin + (1 << inside))
    }
}

/// The audit path of a leaf in a tree of `size` leaves, from the leaf up; `None` when there is no such leaf.
pub(crate) fn inclusion(leaf: u64, size: u64) -> Option<Vec<Range>> {
    if leaf >= size {
        return None;
    }
    let mut range = Range { from: 0, to: size };
    let mut path = Vec::new();
    while let Some((left, right)) = range.split() {
        let beside;
        (range, beside) = if leaf < left.to {
            (left, right)
        } else {
            (right, left)
        };
        path.push(beside);
    }
    path.reverse();
    Some(path)
}

/// The proof that a tree of `size` leaves extends its first `old`; `None` when it has not so many.
pub(crate) fn consistency(old: u64, size: u64) -> Option<Vec<Range>> {
    if old > size {
        return None;
    }
    if old == 0 || old == size {
        return Some(Vec::new());
    }
    let mut range = Range { from: 0, to: size };
    let mut path = Vec::new();
    while range.to != old {
        let (left, right) = range.split()?;
        let beside;
        (range, beside) = if old <= left.to {
            (left, right)
        } else {
            (right, left)
        };
        path.push(beside);
    }
    // Whoever knows the old root knows this node already where it is that root.
    if range.from > 0 {
        path.push(range);
    }
    path.reverse();
    Some(path)
}
