//! The members of organizations. The projection keeps the tables of [groups](crate::group), too: who is in a group
//! depends on who is in its organization, and a projection reads no tables but its own.

mod counts;
mod pending;
mod projection;
mod query;

pub(crate) use counts::Counts;
pub use projection::Organizations;
pub use query::{
    Member, Membership, count_memberships, find_member, find_member_ids, find_member_names,
    list_members, member_count,
};
