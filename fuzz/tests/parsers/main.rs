//! The parsers that take what strangers send. Each target says the rule of what it accepts once more, in other words
//! than the parser does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod claims;
mod drpc;
mod email;
mod name;
mod pkce;
mod quiet_hours;
mod redirect_uri;
mod resource;
mod scope;
mod secret_text;
