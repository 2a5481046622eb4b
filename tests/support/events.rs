//! How many events of which type a database holds.

use std::collections::BTreeMap;

use sqlx::PgPool;

/// Number of events by `aggregate_type/event_type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCounts(BTreeMap<String, i64>);

impl EventCounts {
    /// What is recorded now.
    pub async fn of(pool: &PgPool) -> Self {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT aggregate_type, event_type, count(*) FROM events GROUP BY aggregate_type, event_type",
        )
        .fetch_all(pool)
        .await
        .expect("the events should be counted");
        Self(
            rows.into_iter()
                .map(|(aggregate, event, count)| (format!("{aggregate}/{event}"), count))
                .collect(),
        )
    }

    /// What was recorded between `self` and `later`: `2x oauth2_grant/exchange_refused`, sorted; empty when nothing.
    pub fn until(&self, later: &Self) -> Vec<String> {
        later
            .0
            .iter()
            .map(|(name, count)| (name, count - self.0.get(name).unwrap_or(&0)))
            .filter(|(_, added)| *added != 0)
            .map(|(name, added)| format!("{added}x {name}"))
            .collect()
    }
}
