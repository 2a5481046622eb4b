//! The files that pages need.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::http::base::ApiError;

const STYLESHEET: &str = include_str!("../../../static/chancery.css");
const ICON: &str = include_str!("../../../static/icon.svg");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = hex::encode(Sha256::digest(STYLESHEET));
    format!("/static/chancery-{}.css", &digest[..16])
});

/// The stylesheet's path, which changes with its content.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

pub async fn file(Path(name): Path<String>) -> Response {
    let (media_type, cache, content) = if stylesheet_path().strip_prefix("/static/") == Some(&*name)
    {
        (
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
            STYLESHEET,
        )
    } else if name == "icon.svg" {
        ("image/svg+xml", "public, max-age=86400", ICON)
    } else {
        return ApiError::route_not_found().into_response();
    };
    (
        [
            (header::CONTENT_TYPE, media_type),
            (header::CACHE_CONTROL, cache),
        ],
        content,
    )
        .into_response()
}
