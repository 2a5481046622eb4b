//! To which organizations people belong by their claims (docs/contract/idpsync.md 2.3, 5.2). One stream, [`STREAM_ID`].

mod audit;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Claims, Mapping, Outcome, Rule, Ruled, Ruling, Settings, claim, recorded_whole};
use crate::organization::OrganizationId;
use crate::text::FreeText;

/// The id of the one stream of this noun.
pub const STREAM_ID: &str = "deployment";

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSync {
    /// The claim; empty: people belong where they were put.
    pub field: FreeText,
    /// The organizations that its values stand for.
    pub mapping: Mapping<OrganizationId>,
    /// Whether everyone also belongs to the default organization.
    pub assign_default: bool,
}

/// All of the settings but the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the settings' fields")]
pub struct Config {
    pub field: FreeText,
    pub assign_default: bool,
}

impl Default for OrganizationSync {
    fn default() -> Self {
        Self {
            field: FreeText::default(),
            mapping: Mapping::default(),
            assign_default: true,
        }
    }
}

impl Settings for OrganizationSync {
    type Target = OrganizationId;
    type Config = Config;

    fn configure(&mut self, config: Config) {
        self.field = config.field;
        self.assign_default = config.assign_default;
    }

    fn mapping(&self) -> &Mapping<OrganizationId> {
        &self.mapping
    }

    fn mapping_mut(&mut self) -> &mut Mapping<OrganizationId> {
        &mut self.mapping
    }
}

recorded_whole!(OrganizationSync, "organization_sync", OrganizationSyncSet);

/// The organizations that there are.
#[derive(Debug, Clone)]
pub struct Organizations {
    /// All of them.
    pub ids: BTreeSet<OrganizationId>,
    /// The default one.
    pub default: OrganizationId,
}

impl OrganizationSync {
    /// What the claims of a member of the organizations `present` come to; `None`: nothing is synchronised.
    pub fn evaluate(
        &self,
        claims: &Claims,
        organizations: &Organizations,
        present: &BTreeSet<OrganizationId>,
    ) -> Option<Outcome<OrganizationId>> {
        let field = self.field.as_str();
        if field.is_empty() {
            return None;
        }
        let values = claim::values(claims, field);
        let ruled = values.map(|values| {
            let everyone = self.assign_default.then_some(organizations.default);
            let mut rulings = Vec::from_iter(everyone.map(Ruling::by_default));
            for value in values {
                rulings.extend(self.rule(value, organizations));
            }
            Ruled::new(rulings, present)
        });
        Some(Outcome {
            field: field.to_owned(),
            ruled: ruled.map_err(Into::into),
        })
    }

    fn rule(&self, value: &str, organizations: &Organizations) -> Vec<Ruling<OrganizationId>> {
        let targets = self.mapping.targets(value).unwrap_or_default();
        if targets.is_empty() {
            return vec![Ruling::of(value, Rule::Unknown, None)];
        }
        let each = targets.iter().map(|id| {
            let rule = if organizations.ids.contains(id) {
                Rule::Mapped
            } else {
                Rule::Unknown
            };
            Ruling::of(value, rule, Some(*id))
        });
        each.collect()
    }
}
