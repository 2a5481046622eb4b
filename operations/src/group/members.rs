//! How many of a group's members an answer shows.

use super::{Group, GroupMember};

/// A group with those of its members that the caller sees.
#[derive(Clone, Debug)]
pub struct ShownGroup {
    /// The group.
    pub group: Group,
    /// The members.
    pub members: Vec<GroupMember>,
}

/// How many members the groups of an answer show together where nobody asked for a number: a page of large groups stays a
/// page, and small groups are whole.
const FITTING: i64 = 1_000;

/// How many members of a group are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberLimit {
    /// All.
    All,
    /// At most so many of each group, the first by user name.
    Each(i64),
    /// All of them while they are few in all groups together; else the first of each group by user name, and of each as many as
    /// fit.
    Fitting,
}

impl MemberLimit {
    /// The most of one group of those with so many members; `None`: all.
    pub(super) fn of_each(self, counts: &[i64]) -> Option<i64> {
        match self {
            Self::All => None,
            Self::Each(limit) => Some(limit),
            Self::Fitting => fitting(counts, FITTING),
        }
    }

    /// How many members of groups with so many are shown in all.
    pub(super) fn shown(self, counts: &[i64]) -> i64 {
        let limit = self.of_each(counts).unwrap_or(i64::MAX);
        counts.iter().map(|count| limit.min(*count)).sum()
    }
}

/// The greatest number that each of the groups may show when all together show at most `room`; `None`: all fit.
fn fitting(counts: &[i64], room: i64) -> Option<i64> {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    let mut room = room;
    let mut groups = i64::try_from(counts.len()).unwrap_or(i64::MAX);
    for count in counts {
        let share = room / groups;
        if count > share {
            return Some(share);
        }
        room -= count;
        groups -= 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_whole_and_large_ones_share_the_room_that_is_left() {
        assert_eq!(fitting(&[], 100), None);
        assert_eq!(fitting(&[40, 60], 100), None);
        assert_eq!(fitting(&[10_000, 20, 10_000], 100), Some(40));
        assert_eq!(fitting(&[10_000; 25], 500), Some(20));
        assert_eq!(fitting(&[3; 200], 100), Some(0));
    }

    #[test]
    fn what_is_shown_never_exceeds_the_room_or_what_there_is() {
        let counts = [1, 30, 9_000, 200, 0];
        assert_eq!(MemberLimit::All.shown(&counts), 9_231);
        assert_eq!(MemberLimit::Each(50).shown(&counts), 131);
        assert_eq!(MemberLimit::Each(0).shown(&counts), 0);
        assert!(MemberLimit::Fitting.shown(&counts) <= FITTING);
    }
}
