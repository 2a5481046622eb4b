//! Reading one's own writes: what was recorded shows in the read models before the answer.

use std::collections::HashMap;

use chancery_ledger::Position;
use chancery_projections::{Behind, ProjectionName, Projections};

/// Which read models show the events of which aggregates.
#[derive(Debug)]
pub(crate) struct Shown(HashMap<&'static str, Vec<ProjectionName>>);

impl Shown {
    /// Of every projection but the audit trail, which nobody reads to see what they just did.
    pub fn everywhere() -> Self {
        let mut shown: HashMap<_, Vec<_>> = HashMap::new();
        for projection in chancery_projections::all() {
            if projection.name() == ProjectionName::AUDIT {
                continue;
            }
            for aggregate_type in projection.aggregate_types() {
                shown
                    .entry(*aggregate_type)
                    .or_default()
                    .push(projection.name());
            }
        }
        Self(shown)
    }

    /// Waits until every read model that shows events of `aggregate_types` shows those at `position`.
    pub async fn wait(
        &self,
        projections: &Projections,
        aggregate_types: &[&'static str],
        position: Position,
    ) -> Result<(), Behind> {
        let mut names: Vec<ProjectionName> = aggregate_types
            .iter()
            .flat_map(|aggregate_type| self.0.get(aggregate_type).into_iter().flatten().copied())
            .collect();
        names.sort_unstable();
        names.dedup();
        projections.wait_for_all(&names, position).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_shows_among_users_and_members_and_a_refused_login_nowhere() {
        let Shown(shown) = Shown::everywhere();
        let mut of_users = shown["user"].clone();
        of_users.sort_unstable();
        assert_eq!(
            of_users,
            [ProjectionName::ORGANIZATION, ProjectionName::USER]
        );
        assert!(!shown.contains_key("login_refusal"));
    }
}
