//! OAuth2 apps and their secrets.

mod projection;
mod query;
mod registrations;

pub use projection::OAuth2Apps;
pub use query::{
    Client, Secret, app_of_secret, get, get_many, ids_of_user, list, secrets, touch_secret,
};
pub use registrations::{Looked, unused_registrations};
