//! OAuth2 apps and their secrets.

mod projection;
mod query;

pub use projection::OAuth2Apps;
pub use query::{OAuth2App, Secret, app_of_secret, get, list, list_by_user, secrets, touch_secret};
