//! Changing an app.

use chancery_aggregates::oauth2_app::Command;

use super::{App, Client, OAuth2AppForm, read};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Replaces an app's settings; redirect URIs that are left out stay. Nothing is revoked.
pub async fn update(
    caller: &Caller,
    Client { id, app }: Client,
    mut form: OAuth2AppForm,
) -> Result<Client, Failure> {
    let thing = App(id);
    let leave = caller.may(Action::Update, &thing)?;
    form.redirect_uris.get_or_insert_with(|| {
        let present = app.settings.redirect_uris.iter();
        present.map(|uri| uri.as_str().to_owned()).collect()
    });
    let settings = form.check(app.client_type)?;
    leave.record(Command::UpdateOAuth2App(settings)).await?;
    read::get(caller, id, None).await
}
