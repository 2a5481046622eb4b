//! OAuth2 apps and their secrets.

mod projection;
mod query;

pub use projection::OAuth2Apps;
pub use query::{
    Client, ClientSecret, OAuth2App, Secret, app_of_secret, find_clients, get, list, list_by_user,
    secrets, touch_secret,
};
