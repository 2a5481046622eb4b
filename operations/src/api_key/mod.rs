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

/// How a key of a user is named.
#[derive(Clone, Debug)]
pub enum KeyName {
    /// By its id.
    Id(String),
    /// A token, by its name.
    Token(String),
}

/// A key of a user.
pub async fn find(caller: &Caller, user: &User, name: &KeyName) -> Result<ApiKey, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let pool = caller.services().pool();
    let found = match name {
        KeyName::Id(id) => keys::find(pool, user.id, id).await?,
        KeyName::Token(name) => keys::find_by_name(pool, user.id, name).await?,
    };
    found.ok_or(Failure::NotFound)
}

/// The API tokens of a user, or of everyone, with their users' names.
pub async fn list_tokens(
    caller: &Caller,
    user: &User,
    every: bool,
) -> Result<Vec<(ApiKey, String)>, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    let pool = caller.services().pool();
    if every {
        caller.sees(Resource::EveryApiKey)?;
        return Ok(keys::list_every_token(pool).await?);
    }
    let mut own = keys::list(pool, user.id).await?;
    own.retain(|key| key.key.thing.origin == Origin::Token);
    let named = |key| (key, user.username.clone());
    Ok(own.into_iter().map(named).collect())
}

/// Deletes a key of a user.
pub async fn delete(caller: &Caller, user: &User, name: &KeyName) -> Result<(), Failure> {
    let user_id = user.id;
    caller.is_allowed(Action::Delete, Resource::ApiKey { user_id })?;
    let id = find(caller, user, name).await?.key.id;
    let reason = DeletionReason::Deleted;
    let delete = Command::DeleteApiKey { reason };
    caller.record(&Key { id, user_id }, delete).await
}
