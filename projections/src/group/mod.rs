//! Groups and their members. The tables belong to the projection of [organizations](crate::organization).

mod apply;
mod history;
mod query;

pub(crate) use apply::{apply, delete, depart};
pub use history::{history, organization_of};
pub use query::{
    Group, GroupFilter, GroupMember, Reader, ids_of_user, list, members, quota_budget,
};
