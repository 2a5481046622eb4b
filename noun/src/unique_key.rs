/// What an event does to a key that one stream at a time may hold. Decided in order, under the lock of the append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniqueKey {
    /// Takes the key; the append fails when another stream holds it.
    Take(String),
    /// Gives the key up; nothing happens when this stream does not hold it.
    Free(String),
    /// Takes the key over, whoever holds it.
    Seize(String),
    /// The append fails unless this stream holds the key.
    Require(String),
}

impl UniqueKey {
    /// The key.
    pub fn key(&self) -> &str {
        match self {
            Self::Take(key) | Self::Free(key) | Self::Seize(key) | Self::Require(key) => key,
        }
    }

    /// What a change of name does to keys: nothing when only the case of the name changed and the key did not.
    #[must_use]
    pub fn renamed(previous: String, key: String) -> Vec<Self> {
        if previous == key {
            Vec::new()
        } else {
            vec![Self::Free(previous), Self::Take(key)]
        }
    }
}
