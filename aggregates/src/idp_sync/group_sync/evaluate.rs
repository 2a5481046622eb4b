//! What claims come to (docs/contract/idpsync.md 5.3).

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::GroupSync;
use crate::group::{EVERYONE, GroupId, everyone_of};
use crate::idp_sync::{Claims, InvalidFilter, Outcome, RegexFilter, Rule, Ruled, Ruling, claim};
use crate::name::Name;
use crate::organization::OrganizationId;

/// A group that a person is to be in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// One that there is.
    Existing(GroupId),
    /// One that is yet to be made.
    New(Name),
}

/// The groups of an organization.
#[derive(Debug, Clone)]
pub struct Groups {
    everyone: GroupId,
    by_name: BTreeMap<String, GroupId>,
    ids: BTreeSet<GroupId>,
}

impl Groups {
    /// Those of an organization, whose group of everyone has its id.
    pub fn new(
        organization_id: OrganizationId,
        named: impl IntoIterator<Item = (String, GroupId)>,
    ) -> Self {
        let mut by_name: BTreeMap<String, GroupId> = named.into_iter().collect();
        let everyone = everyone_of(organization_id);
        by_name.insert(EVERYONE.to_owned(), everyone);
        Self {
            everyone,
            ids: by_name.values().copied().collect(),
            by_name,
        }
    }

    /// What becomes of a group that `rule` names.
    fn found(&self, id: GroupId, rule: Rule) -> (Rule, Option<Target>) {
        let rule = if id == self.everyone {
            Rule::Implied
        } else if self.ids.contains(&id) {
            rule
        } else {
            Rule::Unknown
        };
        (rule, Some(Target::Existing(id)))
    }
}

/// Settings that are made ready for any number of people.
#[derive(Debug)]
pub struct GroupRules<'a> {
    settings: &'a GroupSync,
    filter: Result<Option<Regex>, InvalidFilter>,
}

impl GroupSync {
    /// The rules that they are.
    pub fn rules(&self) -> GroupRules<'_> {
        let filter = self.regex_filter.as_ref();
        GroupRules {
            settings: self,
            filter: filter.map(RegexFilter::ready).transpose(),
        }
    }
}

impl GroupRules<'_> {
    /// What the claims of a member of the groups `present` come to; `None`: nothing is synchronised.
    pub fn evaluate(
        &self,
        claims: &Claims,
        groups: &Groups,
        present: &BTreeSet<GroupId>,
    ) -> Option<Outcome<Target>> {
        let field = self.settings.field.as_str();
        if field.is_empty() {
            return None;
        }
        let ruled = claim::values(claims, field).map_err(Into::into);
        let ruled = ruled.and_then(|values| {
            let filter = self.filter.as_ref().map_err(Clone::clone)?;
            let mut rulings = Vec::new();
            for value in values {
                let ruled = self.rule(value, filter.as_ref(), groups).into_iter();
                rulings.extend(ruled.map(|(rule, target)| Ruling::of(value, rule, target)));
            }
            let present = present.iter().copied().map(Target::Existing).collect();
            Ok(Ruled::new(rulings, &present))
        });
        Some(Outcome {
            field: field.to_owned(),
            ruled,
        })
    }

    fn rule(
        &self,
        value: &str,
        filter: Option<&Regex>,
        groups: &Groups,
    ) -> Vec<(Rule, Option<Target>)> {
        let legacy = &self.settings.legacy_group_name_mapping;
        let name = legacy.get(value).map_or(value, String::as_str);
        if filter.is_some_and(|filter| !filter.is_match(name)) {
            return vec![(Rule::Filtered, None)];
        }
        match self.settings.mapping.targets(name) {
            Some([]) => vec![(Rule::Unknown, None)],
            Some(targets) => {
                let each = targets.iter();
                each.map(|id| groups.found(*id, Rule::Mapped)).collect()
            }
            None => vec![self.by_name(name, groups)],
        }
    }

    fn by_name(&self, name: &str, groups: &Groups) -> (Rule, Option<Target>) {
        if let Some(id) = groups.by_name.get(name) {
            return groups.found(*id, Rule::ByName);
        }
        if !self.settings.auto_create_missing_groups {
            return (Rule::Unknown, None);
        }
        match Name::group(name) {
            Ok(name) => (Rule::Created, Some(Target::New(name))),
            Err(_) => (Rule::InvalidName, None),
        }
    }
}
