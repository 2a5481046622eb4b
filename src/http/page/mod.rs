//! Pages for people: rendered here, without scripts, under a strict content security policy.

mod apps;
mod files;
mod frame;
mod index;
mod login;
mod logout;
mod setup;

use axum::Router;
use axum::routing::{get, post};

pub use files::stylesheet_path;
pub use frame::{CsrfToken, Page, error, not_found, of_api_error};
pub use login::lead_to_sign_in;

use super::base::AppState;

/// The routes of pages and their files; named in `PAGES` of the router.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(index::show))
        .route("/account/apps", get(apps::show).post(apps::withdraw))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(logout::submit))
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/static/{file}", get(files::file))
}
