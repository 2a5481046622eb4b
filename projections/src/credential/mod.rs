//! Bearer credentials: API keys and OAuth2 access tokens, with their users. Reads the tables of several projections.

mod query;

pub use query::{Credential, OAuth2Grant, find, find_many};
