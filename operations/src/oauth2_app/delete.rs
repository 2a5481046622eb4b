//! Deleting an app.

use chancery_aggregates::oauth2_app::Command;

use super::{App, Client};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Action;

/// Deletes an app with its secrets, codes and tokens.
pub async fn delete(caller: &Caller, app: &Client) -> Result<(), Failure> {
    let app = App(app.id);
    let leave = caller.may(Action::Delete, &app)?;
    leave.record(Command::DeleteOAuth2App).await?;
    Ok(())
}
