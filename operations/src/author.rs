//! One who records.

use std::sync::Arc;

use chancery_ledger::CommandContext;
use chrono::{DateTime, Utc};

use crate::{Actor, RequestFacts, Services};

/// The services, the actor and the request that everything of one operation is recorded with.
#[derive(Clone)]
pub(crate) struct Author {
    pub services: Services,
    pub actor: Actor,
    pub facts: Option<Arc<RequestFacts>>,
}

impl Author {
    /// The server itself.
    pub fn server(services: &Services) -> Self {
        Self {
            services: services.clone(),
            actor: Actor::system(),
            facts: None,
        }
    }

    /// The context of one append at `now`.
    pub fn context(&self, now: DateTime<Utc>) -> CommandContext {
        let version = self.services.settings().server_version;
        CommandContext {
            metadata: self.actor.metadata(self.facts.as_deref(), version),
            now,
            append_id: self.services.randomness().uuid_at(now),
        }
    }
}
