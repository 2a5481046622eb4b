//! What scripts of other origins may call.

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};

/// Discovery and token endpoints are called by scripts of other origins: MCP clients in browsers preflight their headers.
pub fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::PUT, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("mcp-protocol-version"),
        ])
        .expose_headers([header::WWW_AUTHENTICATE])
}
