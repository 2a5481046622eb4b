//! Groups and their members. The tables belong to the projection of [organizations](crate::organization).

mod apply;
mod history;
mod query;

pub(crate) use apply::{apply, delete_user, depart, end_organization};
pub use history::{history, organization_of, whole_history};
pub use query::{
    Group, GroupFilter, GroupMember, GroupRef, Visible, find, ids_of_user, list, member, members,
    quota_budget,
};
