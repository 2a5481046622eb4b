//! The server's version, as clients see it (docs/contract/core.md 1).

/// Sent in `X-Coder-Build-Version` and by build info: the contract's level, then this program's own version.
pub const BUILD_VERSION: &str = concat!("v2.24.0+chancery.", env!("CARGO_PKG_VERSION"));
