//! OAuth2 apps and their secrets (docs/contract/oauth2.md 9).

mod client;
mod document;
mod form;
mod housekeeping;
mod past;
mod register;
mod secrets;

use chancery_aggregates::oauth2_app::{self, Command, OAuth2AppId};
use chancery_aggregates::user::UserId;
use chancery_ledger::Position;
use chancery_projections::registry::{Page, Shown};

pub use chancery_projections::oauth2_app::Secret;
pub(crate) use client::find;
pub use client::{
    AuthenticatedClient, ShownSecret, authenticate_client, find_client, find_client_now,
};
pub use document::{DocumentFailure, client_of_document};
pub use form::{NewOAuth2App, OAuth2AppForm};
pub use housekeeping::{RegistrationKeeper, UNUSED_KEPT};
pub use register::{ManagedClient, Registered, RegistrationFailure, Unmanaged, manage, register};
pub use secrets::{NewSecret, create_secret, delete_secret, list_secrets};

use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// An OAuth2 app with its id, which is its `client_id`, its secrets and its times.
pub type Client = Shown<oauth2_app::OAuth2App, OAuth2AppId>;

/// An app, as leave to make, change or delete it names it.
struct App(OAuth2AppId);

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

/// An app, as it is or as it was at a position.
pub async fn get(
    caller: &Caller,
    id: OAuth2AppId,
    as_of: Option<Position>,
) -> Result<Client, Failure> {
    caller.sees(Resource::OAuth2App)?;
    let app = caller.services().view(as_of).get(id).await?;
    let missing = || Refused::not_found("OAuth2 application not found.").into();
    app.ok_or_else(missing)
}

/// All apps by name; of a user, those for which that user holds tokens.
pub async fn list(
    caller: &Caller,
    user_id: Option<UserId>,
    as_of: Option<Position>,
) -> Result<Vec<Client>, Failure> {
    caller.sees(Resource::OAuth2App)?;
    let services = caller.services();
    let Some(user_id) = user_id else {
        return Ok(services.view(as_of).list(None, Page::default()).await?);
    };
    caller.sees(Resource::OAuth2Grant { user_id })?;
    let ids = past::ids_of_user(services, user_id, as_of).await?;
    Ok(services.view(as_of).get_many(&ids).await?)
}

/// Makes an app.
pub async fn create(caller: &Caller, new: NewOAuth2App) -> Result<Client, Failure> {
    let app = App(caller.services().randomness().id());
    let leave = caller.may(Action::Create, &app)?;
    leave.record(Command::CreateOAuth2App(new.check()?)).await?;
    get(caller, app.0, None).await
}

/// Replaces an app's settings; redirect URIs that are left out stay. Nothing is revoked.
pub async fn update(
    caller: &Caller,
    Client { id, thing: app, .. }: Client,
    form: OAuth2AppForm,
) -> Result<Client, Failure> {
    let thing = App(id);
    let leave = caller.may(Action::Update, &thing)?;
    let settings = form.check(app.client_type, app.settings.redirect_uris)?;
    leave.record(Command::UpdateOAuth2App(settings)).await?;
    get(caller, id, None).await
}

/// Deletes an app with its secrets, codes and tokens.
pub async fn delete(caller: &Caller, id: OAuth2AppId) -> Result<(), Failure> {
    caller.record(&App(id), Command::DeleteOAuth2App).await
}
