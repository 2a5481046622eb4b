//! The messages, made from `proto/` by prost.

#![allow(
    missing_docs,
    clippy::pedantic,
    reason = "made from the definitions, where the comments are"
)]

/// What templates declare.
pub mod provisioner {
    include!(concat!(env!("OUT_DIR"), "/provisioner.rs"));
}

/// The service's own messages.
pub mod provisionerd {
    include!(concat!(env!("OUT_DIR"), "/provisionerd.rs"));
}
