//! Users.

mod counts;
mod list;
mod new_users;
mod projection;
mod query;
mod search_terms;

pub use list::{UserFilter, UserPage, count, list};
pub use projection::Users;
pub use query::{User, UserRef, find, last_seen, organization_roles, quiet_hours_schedule};
