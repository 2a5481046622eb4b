//! What every endpoint stands on: the shared state, who asks, what comes in and how it is answered. Nothing here knows a noun.

pub mod as_of;
pub mod asker;
pub mod client_address;
pub mod cookie;
pub mod cors;
pub mod csrf;
pub mod error;
mod failure;
pub mod family;
pub mod json;
pub mod message;
pub mod outage;
pub mod pagination;
pub mod path;
pub mod query;
pub mod refusals;
pub mod request_facts;
pub mod request_id;
pub mod search_query;
pub mod signed_in;
pub mod state;
pub mod token_source;

pub use error::{ApiError, Challenge, ErrorBody, Validation};
pub use json::{Json, OwnJson};
pub use query::Query;
pub use refusals::{ReadRefusal, WriteRefusal};
pub use signed_in::{FormSignedIn, NotSignedIn, SignedIn};
pub use state::AppState;
