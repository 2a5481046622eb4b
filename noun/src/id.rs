use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a thing: a UUID that is taken for no other noun's. Shown, sent and stored as the UUID.
///
/// `N` is the noun, or what else stands for a thing that has an id.
///
/// ```
/// # struct User;
/// # use chancery_noun::Id;
/// fn suspend(user_id: Id<User>) {}
/// let user_id: Id<User> = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
/// suspend(user_id);
/// ```
///
/// ```compile_fail,E0308
/// # struct User;
/// # struct Organization;
/// # use chancery_noun::Id;
/// fn close(organization_id: Id<Organization>) {}
/// let user_id: Id<User> = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
/// close(user_id);
/// ```
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Id<N>(Uuid, PhantomData<fn() -> N>);

impl<N> Id<N> {
    /// The id that a UUID is.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The id of this number.
    pub const fn from_u128(number: u128) -> Self {
        Self::new(Uuid::from_u128(number))
    }

    /// The UUID, for what holds ids of any noun.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<N> From<Uuid> for Id<N> {
    fn from(uuid: Uuid) -> Self {
        Self::new(uuid)
    }
}

impl<N> From<Id<N>> for Uuid {
    fn from(id: Id<N>) -> Self {
        id.0
    }
}

impl<N> FromStr for Id<N> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self::new)
    }
}

impl<N> fmt::Display for Id<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl<N> fmt::Debug for Id<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

// By hand: derived, these would ask of the noun what they ask of its id.
impl<N> Clone for Id<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Id<N> {}

/// The nil UUID, which is nothing's.
impl<N> Default for Id<N> {
    fn default() -> Self {
        Self::new(Uuid::nil())
    }
}

impl<N> PartialEq for Id<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<N> Eq for Id<N> {}

impl<N> PartialOrd for Id<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<N> Ord for Id<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<N> Hash for Id<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(feature = "sqlx")]
mod rows {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
    use sqlx::{Decode, Encode, Postgres, Type};
    use uuid::Uuid;

    use super::Id;

    impl<N> Type<Postgres> for Id<N> {
        fn type_info() -> PgTypeInfo {
            Uuid::type_info()
        }
    }

    impl<N> PgHasArrayType for Id<N> {
        fn array_type_info() -> PgTypeInfo {
            Uuid::array_type_info()
        }
    }

    impl<N> Encode<'_, Postgres> for Id<N> {
        fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            self.0.encode_by_ref(buffer)
        }
    }

    impl<'r, N> Decode<'r, Postgres> for Id<N> {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
            Uuid::decode(value).map(Self::new)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::Id;

    /// A noun that can do nothing, not even be compared.
    struct Thing;

    const TEXT: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

    fn id(number: u128) -> Id<Thing> {
        Id::from_u128(number)
    }

    #[test]
    fn an_id_is_shown_sent_and_read_as_its_uuid() {
        let id: Id<Thing> = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(format!("{id:?}"), TEXT);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("{TEXT:?}"));
        assert_eq!(serde_json::from_str::<Id<Thing>>(&json).unwrap(), id);
    }

    #[test]
    fn what_is_no_uuid_is_no_id_and_the_refusal_is_that_of_uuids() {
        let of_text = "ada".parse::<Id<Thing>>().unwrap_err();
        assert_eq!(of_text, "ada".parse::<uuid::Uuid>().unwrap_err());
        let of_json = |json| {
            serde_json::from_str::<Id<Thing>>(json)
                .unwrap_err()
                .to_string()
        };
        let of_uuid = |json| {
            serde_json::from_str::<uuid::Uuid>(json)
                .unwrap_err()
                .to_string()
        };
        for json in [r#""ada""#, "7", "null"] {
            assert_eq!(of_json(json), of_uuid(json));
        }
    }

    #[test]
    fn ids_are_equal_ordered_and_hashed_by_their_uuids() {
        assert_eq!(id(1), id(1));
        assert!(id(1) < id(2));
        let ids = [id(2), id(1), id(2)];
        assert_eq!(Vec::from_iter(BTreeSet::from(ids)), [id(1), id(2)]);
        assert_eq!(HashSet::from(ids).len(), 2);
        assert_eq!(uuid::Uuid::from(id(7)), id(7).uuid());
        assert_eq!(Id::<Thing>::from(id(7).uuid()), id(7));
    }
}
