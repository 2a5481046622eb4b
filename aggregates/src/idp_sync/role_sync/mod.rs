//! Which roles members of an organization have by their claims (docs/contract/idpsync.md 2.2, 5.4). Stream id: the organization's
//! UUID. The roles of the site follow rules of the same kind, which the operator sets: [`SiteRoleSync`].

mod audit;
mod evaluate;

use serde::{Deserialize, Serialize};

pub use evaluate::{Roles, SiteRoleSync};

use super::{Mapping, Settings, recorded_whole};
use crate::text::FreeText;

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

recorded_whole!(RoleSync, "role_sync", RoleSyncSet);
