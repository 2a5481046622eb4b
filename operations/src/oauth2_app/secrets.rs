//! The secrets of an app.

use chancery_aggregates::oauth2_app::{
    AppSecret, AppSecretId, Command, Error, OAuth2App, OAuth2AppId,
};
use chancery_projections::oauth2_app;

use super::Client;
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::leave::Thing;
use crate::policy::{Action, Resource};
use crate::secret::{NewPrefixedSecret, Secret, short_id};

/// The secrets of an app, as leave to add or delete one names them.
struct AppSecrets(OAuth2AppId);

impl Thing for AppSecrets {
    type Noun = OAuth2App;

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

/// A new client secret. Its text is shown this once.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Its id.
    pub id: AppSecretId,
    /// Its text.
    pub text: Secret,
}

/// An app's secrets by creation time, without their texts.
pub async fn list_secrets(
    caller: &Caller,
    app: &Client,
) -> Result<Vec<oauth2_app::Secret>, Failure> {
    caller.sees(Resource::OAuth2AppSecret)?;
    Ok(oauth2_app::secrets(caller.services().pool(), &app.thing).await?)
}

/// Makes a client secret. An app cannot make one.
pub async fn create_secret(caller: &Caller, app: &Client) -> Result<NewSecret, Failure> {
    let secrets = AppSecrets(app.id);
    let leave = caller.may(Action::Create, &secrets)?;
    caller.hands_out_credentials()?;
    let randomness = caller.services().randomness();
    let id = randomness.id_at(leave.now());
    let secret = NewPrefixedSecret::generate(short_id(&randomness, leave.now()), &randomness);
    leave
        .record(Command::CreateOAuth2AppSecret(AppSecret {
            secret_id: id,
            secret_prefix: secret.prefix,
            hashed_secret: secret.hash,
            display_secret: secret.display,
            created_at: leave.now(),
        }))
        .await?;
    Ok(NewSecret {
        id,
        text: secret.text,
    })
}

/// Deletes a client secret with the codes and tokens issued by it.
pub async fn delete_secret(
    caller: &Caller,
    app: &Client,
    secret_id: AppSecretId,
) -> Result<(), Failure> {
    let secrets = AppSecrets(app.id);
    let leave = caller.may(Action::Delete, &secrets)?;
    let command = Command::DeleteOAuth2AppSecret { secret_id };
    match leave.try_record(command).await? {
        Ok(_) => Ok(()),
        Err(Error::SecretNotFound) => Err(missing(caller, secret_id).await),
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}

/// A secret that the app does not have: another app's, or nobody's.
async fn missing(caller: &Caller, secret_id: AppSecretId) -> Failure {
    match oauth2_app::app_of_secret(caller.services().pool(), secret_id).await {
        Ok(Some(_)) => Refused::impossible("App ID does not match secret app ID.").into(),
        Ok(None) => Failure::NotFound,
        Err(error) => error.into(),
    }
}
