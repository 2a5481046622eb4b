//! API keys: sessions and tokens (contract core 3.5).

use chancery_aggregates::api_key::{ApiKey, Command};
use uuid::Uuid;

use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// A key, as leave to make, extend or end it names it.
pub(crate) struct Key {
    pub id: String,
    pub user_id: Uuid,
}

impl Thing for Key {
    type Aggregate = ApiKey;

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
