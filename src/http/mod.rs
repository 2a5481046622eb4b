//! The program's face: HTTP.

pub mod api_key;
pub mod as_of;
pub mod audit;
pub mod client_address;
pub mod cookie;
pub mod cors;
pub mod csrf;
pub mod deployment;
pub mod edge;
pub mod error;
pub mod family;
pub mod group;
pub mod json;
pub mod ledger;
pub mod message;
pub mod oauth2;
pub mod oauth2_app;
pub mod organization;
pub mod organization_member;
pub mod page;
pub mod pagination;
pub mod path;
pub mod query;
pub mod refusals;
pub mod request_facts;
pub mod request_id;
pub mod router;
pub mod search_query;
pub mod signed_in;
pub mod state;
pub mod token_source;
pub mod user;
pub mod workspace_quota;

mod health;
mod openapi;

pub use error::{ApiError, Challenge, ErrorBody, Validation};
pub use json::Json;
pub use query::Query;
pub use refusals::{ReadRefusal, WriteRefusal};
pub use router::document;
pub use signed_in::{FormSignedIn, NotSignedIn, SignedIn};
pub use state::AppState;
