//! Tags of provisioners (docs/contract/provisioners.md 4.2): jobs find daemons by them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::user::UserId;

const SCOPE: &str = "scope";
const OWNER: &str = "owner";
const MAX_TAGS: usize = 64;
const MAX_LENGTH: usize = 256;

/// Names and their values: at most 64, each text of at most 256 bytes and without control characters. Reads back unchecked, like a
/// [`Name`](crate::name::Name).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProvisionerTags(BTreeMap<String, String>);

/// Tags that nothing can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    /// There are too many.
    #[error("there are at most {MAX_TAGS} tags")]
    TooMany,
    /// A name or a value breaks a rule.
    #[error("a tag has at most {MAX_LENGTH} bytes on each side, without control characters: {0:?}")]
    Text(String),
}

impl ProvisionerTags {
    /// Checks tags.
    pub fn parse(tags: BTreeMap<String, String>) -> Result<Self, InvalidTags> {
        if tags.len() > MAX_TAGS {
            return Err(InvalidTags::TooMany);
        }
        let invalid = |text: &&String| text.len() > MAX_LENGTH || text.contains(char::is_control);
        if let Some(text) = tags.keys().chain(tags.values()).find(invalid) {
            return Err(InvalidTags::Text(text.chars().take(MAX_LENGTH).collect()));
        }
        Ok(Self(tags))
    }

    /// Those of a daemon or job of the whole organization: `scope` and `owner` say so, whatever they said.
    #[must_use]
    pub fn of_organization(mut self) -> Self {
        self.0.insert(SCOPE.to_owned(), "organization".to_owned());
        self.0.insert(OWNER.to_owned(), String::new());
        self
    }

    /// Those of a daemon or job of a user where `scope` is `user`, else of the whole organization.
    #[must_use]
    pub fn of(mut self, user_id: UserId) -> Self {
        if !self.are_of_a_user() {
            return self.of_organization();
        }
        self.0.insert(OWNER.to_owned(), user_id.to_string());
        self
    }

    /// Whether `scope` is `user`.
    pub fn are_of_a_user(&self) -> bool {
        self.0.get(SCOPE).is_some_and(|scope| scope == "user")
    }

    /// Whether a daemon with these tags may do a job with those. One that is untagged is for untagged daemons alone.
    pub fn serve(&self, job: &Self) -> bool {
        if job.0 == Self::default().of_organization().0 {
            return self.0 == job.0;
        }
        job.0
            .iter()
            .all(|(name, value)| self.0.get(name) == Some(value))
    }

    /// Them, by name.
    pub const fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tags: &[(&str, &str)]) -> Result<ProvisionerTags, InvalidTags> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ProvisionerTags::parse(tags.iter().map(owned).collect())
    }

    #[test]
    fn tags_are_texts_of_any_language() {
        assert_eq!(parsed(&[]), Ok(ProvisionerTags::default()));
        let tags = parsed(&[("región", ""), ("a b", &"x".repeat(256))]).unwrap();
        assert_eq!(tags.as_map()["región"], "");
    }

    #[test]
    fn scope_and_owner_are_those_of_the_organization_or_of_the_user() {
        let user_id = UserId::from_u128(7);
        let of_all = parsed(&[("scope", "organization"), ("owner", ""), ("a", "1")]).unwrap();
        for scope in ["", "organization", "other"] {
            let tags = parsed(&[("scope", scope), ("owner", "x"), ("a", "1")]).unwrap();
            assert_eq!(tags.clone().of_organization(), of_all);
            assert_eq!(tags.of(user_id), of_all);
        }
        assert_eq!(parsed(&[("a", "1")]).unwrap().of(user_id), of_all);
        let own = parsed(&[("scope", "user"), ("owner", "x")]).unwrap();
        assert_eq!(
            own.clone().of(user_id).as_map()["owner"],
            user_id.to_string()
        );
        assert_eq!(
            own.of_organization(),
            ProvisionerTags::default().of_organization()
        );
    }

    #[test]
    fn a_daemon_does_jobs_whose_tags_it_has_and_an_untagged_job_is_for_untagged_daemons() {
        let tags = |tags: &[(&str, &str)]| parsed(tags).unwrap().of_organization();
        let (untagged, eu) = (tags(&[]), tags(&[("region", "eu")]));
        let large = tags(&[("region", "eu"), ("size", "l")]);
        for (daemon, job, fits) in [
            (&untagged, &untagged, true),
            (&eu, &untagged, false),
            (&untagged, &eu, false),
            (&eu, &eu, true),
            (&large, &eu, true),
            (&eu, &large, false),
        ] {
            assert_eq!(daemon.serve(job), fits, "{daemon:?} {job:?}");
        }
        let own = parsed(&[("scope", "user")])
            .unwrap()
            .of(UserId::from_u128(7));
        assert!(!untagged.serve(&own) && !own.serve(&eu) && own.serve(&own));
    }

    #[test]
    fn too_many_too_long_and_unprintable_tags_are_refused() {
        let many = (0..65).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(ProvisionerTags::parse(many), Err(InvalidTags::TooMany));
        for text in ["a\0b", "\n", &"x".repeat(257)] {
            for tags in [[(text, "")], [("", text)]] {
                assert!(
                    matches!(parsed(&tags), Err(InvalidTags::Text(_))),
                    "{text:?}"
                );
            }
        }
    }
}
