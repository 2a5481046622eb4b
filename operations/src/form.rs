//! Forms: what is asked for, as it was sent. A form of this crate reads itself and describes itself for every transport; the operation
//! checks it.

use serde::{Deserialize, Deserializer};

/// Reads JSON null as the type's default, as the contract's server does.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
