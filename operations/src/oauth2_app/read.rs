//! Reading apps.

use chancery_ledger::{LedgerReader, Position};
use chancery_projections::oauth2_app;
use chancery_projections::registry::View;
use uuid::Uuid;

use super::{Client, past};
use crate::failure::{Failure, Refused};
use crate::policy::Resource;
use crate::{Caller, Services};

/// An app, as it is or as it was at a position.
pub async fn get(caller: &Caller, id: Uuid, as_of: Option<Position>) -> Result<Client, Failure> {
    caller.sees(Resource::OAuth2App)?;
    let reader = caller.services().reader();
    let app = oauth2_app::get(view(caller.services(), &reader, as_of), id).await?;
    let missing = || Refused::not_found("OAuth2 application not found.").into();
    app.ok_or_else(missing)
}

/// All apps by name.
pub async fn list(caller: &Caller, as_of: Option<Position>) -> Result<Vec<Client>, Failure> {
    caller.sees(Resource::OAuth2App)?;
    let reader = caller.services().reader();
    Ok(oauth2_app::list(view(caller.services(), &reader, as_of)).await?)
}

/// The apps by name for which a user holds tokens.
pub async fn list_of_user(
    caller: &Caller,
    user_id: Uuid,
    as_of: Option<Position>,
) -> Result<Vec<Client>, Failure> {
    caller.sees(Resource::OAuth2App)?;
    caller.sees(Resource::OAuth2Grant { user_id })?;
    let services = caller.services();
    let ids = match as_of {
        None => {
            services.wait_until_present_shows(&["oauth2_grant"]).await?;
            let now = services.clock().now();
            oauth2_app::ids_of_user(services.pool(), user_id, now).await?
        }
        Some(until) => past::ids_of_user(services, user_id, until).await?,
    };
    let reader = services.reader();
    Ok(oauth2_app::get_many(view(services, &reader, as_of), &ids).await?)
}

fn view<'a>(services: &'a Services, reader: &'a LedgerReader, as_of: Option<Position>) -> View<'a> {
    as_of.map_or(View::Now(services.pool()), |until| {
        View::Then(reader, until)
    })
}
