//! `as_of=` on the settings of users and of organizations.

use chrono::{DateTime, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, Session};

const QUIET_HOURS: &str = "/api/v2/users/me/quiet-hours";
const ORGANIZATION: &str = "/api/v2/organizations/default";

/// The newest event's position and time.
async fn now(owner: &Session<'_>) -> (i64, String) {
    let newest = "/api/v2/ledger/events?newest_first=true&limit=1";
    let newest = owner.get(newest).await.expect(200).json();
    let event = &newest["events"][0];
    (
        event["position"].as_i64().unwrap(),
        event["recorded_at"].as_str().unwrap().to_owned(),
    )
}

async fn at(owner: &Session<'_>, path: &str, moment: &str) -> Value {
    let path = format!("{path}?as_of={moment}");
    owner.get(&path).await.expect(200).json()
}

#[tokio::test]
async fn quiet_hours_are_answered_as_they_were() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let default = owner.get(QUIET_HOURS).await.expect(200).json();
    let (before, _) = now(&owner).await;
    let set = async |schedule: &str| {
        let body = json!({ "schedule": schedule });
        owner.put(QUIET_HOURS, &body).await.expect(200).json()
    };
    set("CRON_TZ=UTC 30 5 * * *").await;
    let (position, time) = now(&owner).await;
    set("CRON_TZ=UTC 0 6 * * *").await;
    assert_eq!(
        at(&owner, QUIET_HOURS, &before.to_string()).await["raw_schedule"],
        default["raw_schedule"]
    );
    for moment in [position.to_string(), time.clone()] {
        let then = at(&owner, QUIET_HOURS, &moment).await;
        assert_eq!(then["raw_schedule"], "CRON_TZ=UTC 30 5 * * *");
        assert_eq!(then["user_set"], true);
        // The next ones of then, not of now.
        let next = DateTime::parse_from_rfc3339(then["next"].as_str().unwrap()).unwrap();
        let until = next - DateTime::parse_from_rfc3339(&time).unwrap();
        assert!(until > TimeDelta::zero() && until <= TimeDelta::days(1));
    }
    owner
        .get(&format!("{QUIET_HOURS}?as_of=1"))
        .await
        .expect(404);
}

#[tokio::test]
async fn an_organization_is_answered_as_it_was() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let then = owner.get(ORGANIZATION).await.expect(200).json();
    let (position, time) = now(&owner).await;
    let body = json!({ "display_name": "Renamed", "description": "Later" });
    let request = owner.request(Method::PATCH, ORGANIZATION).json(&body);
    Answer::to(request).await.expect(200);
    let later = owner.get(ORGANIZATION).await.expect(200).json();
    assert_eq!(later["display_name"], "Renamed");
    for moment in [position.to_string(), time] {
        assert_eq!(at(&owner, ORGANIZATION, &moment).await, then);
    }
    let beyond = format!("{ORGANIZATION}?as_of=99999");
    owner.get(&beyond).await.expect(400);
}
