//! Users and how they sign in (docs/contract/core.md 3 and 4).

mod begin;
mod by_operator;
mod change_roles;
mod create;
mod create_first;
mod delete;
mod end;
mod find;
mod password;
mod profile;
mod provision;
mod quiet_hours;
mod sign_in;
mod sign_out;
mod start_session;
mod status;
#[cfg(test)]
mod tests;
mod thing;

pub use by_operator::{create_by_operator, reset_password};
pub use chancery_projections::user::{User, UserFilter, UserPage};
pub use change_roles::{assignable_roles, change_roles, organization_roles};
pub use create::{NewUser, create};
pub use create_first::{NewFirstUser, create_first, ensure_first};
pub use delete::delete;
pub use find::{find, list, login_type};
pub use password::change_password;
pub use profile::{Profile, update_profile};
pub use provision::ProvisionedUser;
pub(crate) use provision::{provision, reinstate, suspend as suspend_provisioned};
pub use quiet_hours::{ShownQuietHours, quiet_hours, set_quiet_hours};
pub use sign_in::sign_in;
pub use sign_out::sign_out;
pub use status::{activate, suspend};
pub(crate) use thing::Account;
