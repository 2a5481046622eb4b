//! The one HTTP client by which the server fetches what strangers name: a client's metadata document, keys, a webhook's address.
//!
//! Whoever names a URL decides where the server's request goes. So a request goes to public addresses only, decided after the
//! name was resolved and on the very addresses that are then connected to; to no other place by way of a redirect or a proxy; and
//! for a bounded time, to a bounded number of hosts at once, for a bounded number of bytes of one media type.

mod cache;
mod client;
mod error;
mod guard;
mod resolver;
#[cfg(feature = "testing")]
pub mod testing;

pub use cache::JsonCache;
pub use client::{Limits, Outbound, Settings};
pub use error::{FetchError, SetupError};
pub use guard::Guard;
pub use resolver::{Resolver, SystemResolver};
