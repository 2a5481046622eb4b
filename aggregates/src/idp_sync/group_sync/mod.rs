//! To which groups of an organization its members belong by their claims (docs/contract/idpsync.md 2.1, 5.3). Stream id: the
//! organization's UUID.

mod audit;
mod evaluate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use evaluate::{GroupRules, Groups, Target};

use super::{Mapping, RegexFilter, Settings, recorded_whole};
use crate::group::GroupId;
use crate::text::FreeText;

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSync {
    /// The claim; empty: people are in the groups that they were put in.
    pub field: FreeText,
    /// The groups that names stand for.
    pub mapping: Mapping<GroupId>,
    /// Names that it does not match count for nothing.
    pub regex_filter: Option<RegexFilter>,
    /// Whether a group is made where there is none of a name.
    pub auto_create_missing_groups: bool,
    /// Groups' names in place of the claim's values, before all else: set by the operator, for the default organization alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub legacy_group_name_mapping: BTreeMap<String, String>,
}

/// All of the settings but the mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the settings' fields")]
pub struct Config {
    pub field: FreeText,
    pub regex_filter: Option<RegexFilter>,
    pub auto_create_missing_groups: bool,
}

impl Settings for GroupSync {
    type Target = GroupId;
    type Config = Config;

    fn configure(&mut self, config: Config) {
        self.field = config.field;
        self.regex_filter = config.regex_filter;
        self.auto_create_missing_groups = config.auto_create_missing_groups;
    }

    fn mapping(&self) -> &Mapping<GroupId> {
        &self.mapping
    }

    fn mapping_mut(&mut self) -> &mut Mapping<GroupId> {
        &mut self.mapping
    }
}

recorded_whole!(GroupSync, "group_sync", GroupSyncSet);
