//! OAuth2 values and rules that need no state.

pub mod client_id_url;
pub mod client_metadata;
pub mod pkce;
pub mod redirect_uri;
pub mod resource;
pub mod scope;
pub mod secret_text;
