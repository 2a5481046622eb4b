//! What claims come to (docs/contract/idpsync.md 5.4).

use std::collections::BTreeSet;

use super::RoleSync;
use crate::idp_sync::{Claims, Mapping, Outcome, Rule, Ruled, Ruling, claim};
use crate::text::FreeText;

/// The roles that there are, by name.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    /// The one that everyone has here; it is never recorded.
    pub implied: &'a str,
    /// Those that can be given here.
    pub assignable: &'a [&'a str],
    /// Those that can be given elsewhere alone: of the site in an organization, of organizations in the site.
    pub elsewhere: &'a [&'a str],
}

/// By which rules the roles of the site follow claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteRoleSync {
    /// The claim; empty: people have the roles that they were given.
    pub field: String,
    /// The names of roles that its values stand for; a value of which nothing is said is itself the name of one.
    pub mapping: Mapping<FreeText>,
    /// The names of the roles that everyone gets.
    pub default: Vec<String>,
}

impl RoleSync {
    /// What the claims of a member with the roles `present` come to; `None`: nothing is synchronised.
    pub fn evaluate(
        &self,
        claims: &Claims,
        roles: Roles,
        present: &BTreeSet<String>,
    ) -> Option<Outcome<String>> {
        let given = Rules {
            field: self.field.as_str(),
            mapping: &self.mapping,
            default: &[],
        };
        given.evaluate(claims, roles, present)
    }
}

impl SiteRoleSync {
    /// What the claims of a user with the roles `present` come to; `None`: nothing is synchronised.
    pub fn evaluate(
        &self,
        claims: &Claims,
        roles: Roles,
        present: &BTreeSet<String>,
    ) -> Option<Outcome<String>> {
        let given = Rules {
            field: &self.field,
            mapping: &self.mapping,
            default: &self.default,
        };
        given.evaluate(claims, roles, present)
    }
}

struct Rules<'a> {
    field: &'a str,
    mapping: &'a Mapping<FreeText>,
    default: &'a [String],
}

impl Rules<'_> {
    fn evaluate(
        &self,
        claims: &Claims,
        roles: Roles,
        present: &BTreeSet<String>,
    ) -> Option<Outcome<String>> {
        if self.field.is_empty() {
            return None;
        }
        let ruled = claim::values(claims, self.field).map(|values| {
            let everyone = self.default.iter().cloned();
            let mut rulings: Vec<Ruling<String>> = everyone.map(Ruling::by_default).collect();
            for value in values {
                rulings.extend(self.rule(value, roles));
            }
            Ruled::new(rulings, present)
        });
        Some(Outcome {
            field: self.field.to_owned(),
            ruled: ruled.map_err(Into::into),
        })
    }

    fn rule(&self, value: &str, roles: Roles) -> Vec<Ruling<String>> {
        match self.mapping.targets(value) {
            Some([]) => vec![Ruling::of(value, Rule::Unknown, None)],
            Some(names) => {
                let names = names.iter().map(FreeText::as_str);
                let each = names.map(|name| roles.ruling(value, name, Rule::Mapped));
                each.collect()
            }
            None => vec![roles.ruling(value, value, Rule::ByName)],
        }
    }
}

impl Roles<'_> {
    /// What becomes of the role `name`, which `rule` names.
    fn ruling(self, value: &str, name: &str, rule: Rule) -> Ruling<String> {
        let rule = if name == self.implied {
            Rule::Implied
        } else if self.assignable.contains(&name) {
            rule
        } else if self.elsewhere.contains(&name) {
            Rule::Unassignable
        } else {
            Rule::Unknown
        };
        Ruling::of(value, rule, Some(name.to_owned()))
    }
}
