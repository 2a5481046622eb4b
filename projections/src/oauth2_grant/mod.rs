//! OAuth2 grants: codes and tokens.

mod fold;
mod projection;
mod query;
mod row;
mod table;

pub use projection::OAuth2Grants;
pub use query::{find, list_exchanged, list_live, live_ids_until};
pub use row::{Grant, Status};
