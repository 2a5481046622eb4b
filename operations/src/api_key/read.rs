//! Reading keys.

use chancery_aggregates::api_key::Origin;
use chancery_projections::api_key;

use super::{ApiKey, NamedToken};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Resource;
use crate::user::User;

/// A key of a user, by its id.
pub async fn find(caller: &Caller, user: &User, key_id: &str) -> Result<ApiKey, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let found = api_key::find(caller.services().pool(), user.id, key_id).await?;
    found.ok_or(Failure::NotFound)
}

/// A token of a user, by its name.
pub async fn find_by_name(caller: &Caller, user: &User, name: &str) -> Result<ApiKey, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let found = api_key::find_by_name(caller.services().pool(), user.id, name).await?;
    found.ok_or(Failure::NotFound)
}

/// The API tokens of a user.
pub async fn list_tokens(caller: &Caller, user: &User) -> Result<Vec<ApiKey>, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let mut keys = api_key::list(caller.services().pool(), user.id).await?;
    keys.retain(|key| key.origin == Origin::Token.as_str());
    Ok(keys)
}

/// The API tokens of everyone.
pub async fn list_every_token(caller: &Caller) -> Result<Vec<NamedToken>, Failure> {
    caller.sees(Resource::EveryApiKey)?;
    Ok(api_key::list_every_token(caller.services().pool()).await?)
}
