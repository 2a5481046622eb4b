//! OAuth2 apps and their secrets (docs/contract/oauth2.md 9).

mod client;
mod create;
mod delete;
mod document;
mod form;
mod housekeeping;
mod past;
mod read;
mod register;
mod secrets;
mod update;

use chancery_aggregates::oauth2_app::{self, Command};
use uuid::Uuid;

pub use chancery_projections::oauth2_app::{Client, Secret};
pub use client::{AuthenticatedClient, ShownSecret, authenticate_client, find_client};
pub use create::{NewOAuth2App, create};
pub use delete::delete;
pub use document::{DocumentFailure, client_of_document};
pub use form::OAuth2AppForm;
pub use housekeeping::{RegistrationKeeper, UNUSED_KEPT};
pub use read::{get, list, list_of_user};
pub use register::{ManagedClient, Registered, RegistrationFailure, Unmanaged, manage, register};
pub use secrets::{NewSecret, create_secret, delete_secret, list_secrets};
pub use update::update;

use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// An app, as leave to make, change or delete it names it.
struct App(Uuid);

impl Thing for App {
    type Noun = oauth2_app::OAuth2App;

    fn resource(&self) -> Resource {
        Resource::OAuth2App
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::CreateOAuth2App(_) | Command::RegisterOAuth2App(_) => Some(Action::Create),
            Command::UpdateOAuth2App(_) | Command::ChangeOAuth2AppRegistration(_) => {
                Some(Action::Update)
            }
            Command::DeleteOAuth2App => Some(Action::Delete),
            Command::CreateOAuth2AppSecret(_) | Command::DeleteOAuth2AppSecret { .. } => None,
        }
    }
}

/// The secrets of an app, as leave to add or delete one names them.
struct AppSecrets(Uuid);

impl Thing for AppSecrets {
    type Noun = oauth2_app::OAuth2App;

    fn resource(&self) -> Resource {
        Resource::OAuth2AppSecret
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::CreateOAuth2AppSecret(_) => Some(Action::Create),
            Command::DeleteOAuth2AppSecret { .. } => Some(Action::Delete),
            Command::CreateOAuth2App(_)
            | Command::RegisterOAuth2App(_)
            | Command::UpdateOAuth2App(_)
            | Command::ChangeOAuth2AppRegistration(_)
            | Command::DeleteOAuth2App => None,
        }
    }
}
