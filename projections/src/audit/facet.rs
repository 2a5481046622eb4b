//! What the rows of an entry are found by.

use uuid::Uuid;

/// Whose UUID a row's facet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FacetOf {
    /// The name of the resource at that time. Every entry has such a row.
    Target = 0,
    /// The id of the resource.
    Resource = 1,
    /// The organization.
    Organization = 2,
}

impl FacetOf {
    /// As it is stored.
    pub(super) const fn number(self) -> i16 {
        self as i16
    }
}

/// Namespace of the UUIDs that stand for names.
const NAMES: Uuid = Uuid::from_u128(0x3f0c_9a5e_7d1b_4c52_9e86_51a7_0b2d_c8f4);

/// The UUID that stands for a name.
pub(super) fn of_name(name: &str) -> Uuid {
    Uuid::new_v5(&NAMES, name.as_bytes())
}
