//! The authorization endpoint (docs/contract/oauth2.md section 4): GET shows the consent page, POST issues the code.
//!
//! Both read the URL query. Redirect URIs match exactly, except for the port of http loopback addresses; `state` is
//! required; a request whose redirect URI is wrong never redirects.

pub mod consent;
pub mod issue;
mod redirect;
mod refusal;
pub mod request;
mod see_client;
mod shared;
