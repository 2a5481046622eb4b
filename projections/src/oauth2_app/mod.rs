//! OAuth2 apps and their secrets.

mod projection;
mod query;

pub use projection::OAuth2Apps;
pub use query::{
    Client, Secret, app_of_secret, get, get_many, ids_of_user, list, secrets, touch_secret,
};
