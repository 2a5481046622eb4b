//! The program's face: HTTP.

pub mod api_key;
pub mod as_of;
pub mod audit;
pub mod authenticate;
pub mod client_address;
pub mod command_context;
pub mod cookie;
pub mod csrf;
pub mod deployment;
pub mod edge;
pub mod error;
pub mod group;
pub mod json;
pub mod ledger;
pub mod oauth2;
pub mod oauth2_app;
pub mod organization;
pub mod organization_member;
pub mod page;
pub mod pagination;
pub mod path;
pub mod query;
pub mod refusals;
pub mod request_id;
pub mod router;
pub mod search_query;
pub mod state;
pub mod token_source;
pub mod user;
pub mod workspace_quota;

mod health;
#[cfg(test)]
mod in_process;
mod openapi;

pub use authenticate::{FormSession, Session, SignedIn};
pub use command_context::{Actor, RequestFacts};
pub use error::{ApiError, Challenge, ErrorBody, Validation};
pub use json::Json;
pub use openapi::document;
pub use query::Query;
pub use refusals::{ReadRefusal, WriteRefusal};
pub use state::AppState;
