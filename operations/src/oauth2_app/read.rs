//! Reading apps.

use chancery_ledger::Position;
use chancery_projections::oauth2_app::{self, OAuth2App};
use uuid::Uuid;

use super::past;
use crate::Caller;
use crate::failure::{Failure, Refused};
use crate::policy::Resource;

/// An app, as it is or as it was at a position.
pub async fn get(caller: &Caller, id: Uuid, as_of: Option<Position>) -> Result<OAuth2App, Failure> {
    caller.sees(Resource::OAuth2App)?;
    let app = match as_of {
        None => oauth2_app::get(caller.services().pool(), id).await?,
        Some(until) => past::get(caller.services(), id, until).await?,
    };
    let missing = || Refused::not_found("OAuth2 application not found.").into();
    app.ok_or_else(missing)
}

/// All apps by name.
pub async fn list(caller: &Caller, as_of: Option<Position>) -> Result<Vec<OAuth2App>, Failure> {
    caller.sees(Resource::OAuth2App)?;
    match as_of {
        None => Ok(oauth2_app::list(caller.services().pool()).await?),
        Some(until) => past::list(caller.services(), until).await,
    }
}

/// The apps by name for which a user holds tokens.
pub async fn list_of_user(
    caller: &Caller,
    user_id: Uuid,
    as_of: Option<Position>,
) -> Result<Vec<OAuth2App>, Failure> {
    caller.sees(Resource::OAuth2App)?;
    caller.sees(Resource::OAuth2Grant { user_id })?;
    let services = caller.services();
    match as_of {
        None => {
            let now = services.clock().now();
            Ok(oauth2_app::list_by_user(services.pool(), user_id, now).await?)
        }
        Some(until) => past::list_of_user(services, user_id, until).await,
    }
}
