//! OAuth2 apps and their secrets.

mod projection;
mod query;

pub use projection::OAuth2Apps;
pub use query::{Secret, app_of_secret, ids_of_user, secrets, touch_secret};
