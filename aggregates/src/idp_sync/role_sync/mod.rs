//! Which roles members of an organization have by their claims (docs/contract/idpsync.md 2.2, 5.4). Stream id: the organization's
//! UUID. The roles of the site follow rules of the same kind, which the operator sets: [`SiteRoleSync`].

mod audit;
mod evaluate;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

pub use evaluate::{Roles, SiteRoleSync};

use super::{Error, Mapping, Settings};
use crate::text::FreeText;
use crate::{Life, Noun};

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSync {
    /// The claim; empty: people have the roles that they were given.
    pub field: FreeText,
    /// The names of roles that its values stand for; a value of which nothing is said is itself the name of one.
    pub mapping: Mapping<FreeText>,
}

/// All of the settings but the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the settings' fields")]
pub struct Config {
    pub field: FreeText,
}

impl Settings for RoleSync {
    type Target = FreeText;
    type Config = Config;

    fn configure(&mut self, config: Config) {
        self.field = config.field;
    }

    fn mapping(&self) -> &Mapping<FreeText> {
        &self.mapping
    }

    fn mapping_mut(&mut self) -> &mut Mapping<FreeText> {
        &mut self.mapping
    }
}

/// What can be asked of the settings.
pub type Command = super::Command<RoleSync>;

/// What happened to the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// They are these from now on.
    RoleSyncSet(RoleSync),
}

impl Noun for RoleSync {
    const TYPE: &'static str = "role_sync";
    const STATE_VERSION: u32 = 1;
    const SNAPSHOT_EVERY: Option<usize> = Some(50);
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(state: &Life<Self>, command: Command) -> Result<Vec<Event>, Error> {
        let settings = command.decide(state)?;
        Ok(settings.map(Event::RoleSyncSet).into_iter().collect())
    }

    fn evolve(state: &mut Life<Self>, event: Event) {
        let Event::RoleSyncSet(settings) = event;
        *state = Life::Live(settings);
    }
}
