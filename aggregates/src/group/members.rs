//! The members of a group, kept small: groups may have tens of thousands.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::user::UserId;

const ID_LENGTH: usize = 16;

/// A set of user ids. In memory a sorted list, which is copied in one piece; in a snapshot the Base64 (RFC 4648 section 4,
/// without padding) of the ids' bytes, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(Vec<UserId>);

impl Members {
    /// Whether a user is among them.
    pub fn contains(&self, user_id: UserId) -> bool {
        self.0.binary_search(&user_id).is_ok()
    }

    /// They, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = &UserId> {
        self.0.iter()
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in `added` and lets go of `removed`, in time that grows with the set once, however many they are.
    pub(super) fn change(&mut self, mut added: Vec<UserId>, mut removed: Vec<UserId>) {
        if !removed.is_empty() {
            removed.sort_unstable();
            self.0.retain(|id| removed.binary_search(id).is_err());
        }
        if !added.is_empty() {
            self.0.append(&mut added);
            self.0.sort_unstable();
            self.0.dedup();
        }
    }
}

impl FromIterator<UserId> for Members {
    fn from_iter<I: IntoIterator<Item = UserId>>(ids: I) -> Self {
        let mut members = Self::default();
        members.change(ids.into_iter().collect(), Vec::new());
        members
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self
            .0
            .iter()
            .flat_map(|id| id.uuid().into_bytes())
            .collect();
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
        let (ids, rest) = bytes.as_chunks::<ID_LENGTH>();
        if !rest.is_empty() {
            return Err(D::Error::custom("the members end within an id"));
        }
        Ok(ids
            .iter()
            .map(|id| UserId::new(Uuid::from_bytes(*id)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> UserId {
        UserId::from_u128(number)
    }

    #[test]
    fn a_snapshot_brings_the_same_members_back() {
        let members: Members = [id(3), id(1), id(2)].into_iter().collect();
        let json = serde_json::to_string(&members).unwrap();
        assert_eq!(json.len(), "\"\"".len() + (3 * ID_LENGTH * 4).div_ceil(3));
        assert_eq!(serde_json::from_str::<Members>(&json).unwrap(), members);
        assert_eq!(
            serde_json::from_str::<Members>("\"\"").unwrap(),
            Members::default()
        );
    }

    #[test]
    fn a_snapshot_cut_within_an_id_is_refused() {
        let json = serde_json::to_string(&STANDARD_NO_PAD.encode([0; ID_LENGTH + 1])).unwrap();
        assert!(serde_json::from_str::<Members>(&json).is_err());
    }

    #[test]
    fn who_is_added_and_removed_in_any_order_is_a_member_by_the_last_change() {
        let mut members: Members = [id(5), id(1)].into_iter().collect();
        members.change(vec![id(3), id(2)], vec![id(5)]);
        assert!([1, 2, 3].iter().all(|number| members.contains(id(*number))));
        assert!(!members.contains(id(5)));
        assert_eq!(members.len(), 3);
        members.change(vec![id(5)], vec![]);
        assert!(members.contains(id(5)));
    }
}
