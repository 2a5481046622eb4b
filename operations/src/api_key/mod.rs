//! API keys: sessions and tokens (docs/contract/core.md 3.5).

mod create;
mod housekeeping;

use chancery_aggregates::api_key::{self, Command, DeletionReason, Origin};
use chancery_aggregates::user::UserId;
use chancery_projections::api_key as keys;

pub use chancery_projections::api_key::ApiKey;
pub use create::{NewToken, create_session, create_token, longest_lifetime};
pub(crate) use create::{draw, session};
pub use housekeeping::{Housekeeper, KEPT};

use crate::Caller;
use crate::failure::Failure;
use crate::leave::Thing;
use crate::policy::{Action, Resource};
use crate::user::User;

/// A key, as leave to make, extend or end it names it.
pub(crate) struct Key {
    pub id: String,
    pub user_id: UserId,
}

impl Thing for Key {
    type Noun = api_key::ApiKey;

    fn resource(&self) -> Resource {
        let user_id = self.user_id;
        Resource::ApiKey { user_id }
    }

    fn stream_id(&self) -> String {
        self.id.clone()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::CreateApiKey(_) => Action::Create,
            Command::ExtendApiKey { .. } => Action::Update,
            Command::DeleteApiKey { .. } | Command::ClearApiKey { .. } => Action::Delete,
        })
    }
}

/// A key of a user, by its id.
pub async fn find(caller: &Caller, user: &User, id: &str) -> Result<ApiKey, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let found = keys::find(caller.services().pool(), user.id, id).await?;
    found.ok_or(Failure::NotFound)
}

/// A token of a user, by its name.
pub async fn find_by_name(caller: &Caller, user: &User, name: &str) -> Result<ApiKey, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let found = keys::find_by_name(caller.services().pool(), user.id, name).await?;
    found.ok_or(Failure::NotFound)
}

/// The API tokens of a user.
pub async fn list_tokens(caller: &Caller, user: &User) -> Result<Vec<ApiKey>, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let mut keys = keys::list(caller.services().pool(), user.id).await?;
    keys.retain(|key| key.key.thing.origin == Origin::Token);
    Ok(keys)
}

/// The API tokens of everyone, with their users' names.
pub async fn list_every_token(caller: &Caller) -> Result<Vec<(ApiKey, String)>, Failure> {
    caller.sees(Resource::EveryApiKey)?;
    Ok(keys::list_every_token(caller.services().pool()).await?)
}

/// Deletes a key of a user.
pub async fn delete(caller: &Caller, user: &User, id: &str) -> Result<(), Failure> {
    let (id, user_id) = (id.to_owned(), user.id);
    let key = Key { id, user_id };
    let leave = caller.may(Action::Delete, &key)?;
    let found = keys::find(caller.services().pool(), user_id, &key.id).await?;
    found.ok_or(Failure::NotFound)?;
    let reason = DeletionReason::Deleted;
    leave.record(Command::DeleteApiKey { reason }).await?;
    Ok(())
}
