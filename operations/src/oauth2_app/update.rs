//! Changing an app.

use chancery_aggregates::oauth2_app::{ClientType, Command};

use super::settings::{ValidSettings, validate};
use super::{App, OAuth2App, read};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// What an app becomes.
#[derive(Clone, Debug)]
pub struct ChangedOAuth2App {
    /// 1 to 32 letters and digits in groups joined by hyphens.
    pub name: String,
    /// Where users return to.
    pub callback_url: String,
    /// URL or site path of a picture.
    pub icon: String,
    /// Further redirect URIs; None keeps them.
    pub redirect_uris: Option<Vec<String>>,
}

/// Replaces an app's settings. Nothing is revoked.
pub async fn update(
    caller: &Caller,
    app: OAuth2App,
    changed: ChangedOAuth2App,
) -> Result<OAuth2App, Failure> {
    let thing = App(app.id);
    let leave = caller.may(Action::Update, &thing)?;
    let client_type = if app.client_type == ClientType::Public.as_str() {
        ClientType::Public
    } else {
        ClientType::Confidential
    };
    let redirect_uris = changed.redirect_uris.unwrap_or(app.redirect_uris);
    let ValidSettings {
        name,
        callback_url,
        icon,
        redirect_uris,
    } = validate(
        &changed.name,
        &changed.callback_url,
        &changed.icon,
        &redirect_uris,
        client_type,
    )?;
    leave
        .record(Command::UpdateOAuth2App {
            name,
            callback_url,
            icon,
            redirect_uris,
        })
        .await?;
    read::get(caller, app.id, None).await
}
