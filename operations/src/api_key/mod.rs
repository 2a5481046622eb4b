//! API keys: sessions and tokens (docs/contract/core.md 3.5).

mod create;
mod delete;
mod housekeeping;
mod read;

use chancery_aggregates::api_key::{self, Command};
use uuid::Uuid;

pub use chancery_projections::api_key::{ApiKey, NamedToken};
pub use create::{NewToken, create_session, create_token, longest_lifetime};
pub use delete::delete;
pub use housekeeping::{Housekeeper, KEPT};
pub use read::{find, find_by_name, list_every_token, list_tokens};

use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// A key, as leave to make, extend or end it names it.
pub(crate) struct Key {
    pub id: String,
    pub user_id: Uuid,
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
