//! The secrets of an app.

use chancery_aggregates::oauth2_app::{Command, Error};
use chancery_projections::oauth2_app;
use uuid::Uuid;

use super::{AppSecrets, OAuth2App};
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::{Action, Resource};
use crate::secret::{NewPrefixedSecret, Secret, short_id};

/// A new client secret. Its text is shown this once.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Its id.
    pub id: Uuid,
    /// Its text.
    pub text: Secret,
}

/// An app's secrets by creation time, without their texts.
pub async fn list_secrets(
    caller: &Caller,
    app: &OAuth2App,
) -> Result<Vec<oauth2_app::Secret>, Failure> {
    caller.sees(Resource::OAuth2AppSecret)?;
    Ok(oauth2_app::secrets(caller.services().pool(), app.id).await?)
}

/// Makes a client secret. An app cannot make one.
pub async fn create_secret(caller: &Caller, app: &OAuth2App) -> Result<NewSecret, Failure> {
    let secrets = AppSecrets(app.id);
    let leave = caller.may(Action::Create, &secrets)?;
    caller.hands_out_credentials()?;
    let randomness = caller.services().randomness();
    let id = randomness.uuid_at(leave.now());
    let secret = NewPrefixedSecret::generate(short_id(&randomness, leave.now()), &randomness);
    leave
        .record(Command::CreateOAuth2AppSecret {
            secret_id: id,
            secret_prefix: secret.prefix,
            hashed_secret: secret.hash,
            display_secret: secret.display,
            created_at: leave.now(),
        })
        .await?;
    Ok(NewSecret {
        id,
        text: secret.text,
    })
}

/// Deletes a client secret with the codes and tokens issued by it.
pub async fn delete_secret(
    caller: &Caller,
    app: &OAuth2App,
    secret_id: Uuid,
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
async fn missing(caller: &Caller, secret_id: Uuid) -> Failure {
    match oauth2_app::app_of_secret(caller.services().pool(), secret_id).await {
        Ok(Some(_)) => Refused::impossible("App ID does not match secret app ID.").into(),
        Ok(None) => Failure::NotFound,
        Err(error) => error.into(),
    }
}
