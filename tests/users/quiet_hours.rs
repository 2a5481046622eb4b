use serde_json::{Value, json};

use crate::support::{Server, Session};
use crate::{USERS, assert_not_found, create, fields, person};

const MINE: &str = "/api/v2/users/me/quiet-hours";

fn without_next(mut schedule: Value) -> Value {
    let next = schedule["next"].take();
    chrono::DateTime::parse_from_rfc3339(next.as_str().unwrap()).unwrap();
    schedule
}

async fn set(by: &Session<'_>, schedule: &str) -> crate::support::Answer {
    by.put(MINE, &json!({ "schedule": schedule })).await
}

#[tokio::test]
async fn the_default_is_midnight_utc_until_a_user_sets_its_own() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let default = owner.get(MINE).await.expect(200).json();
    insta::assert_json_snapshot!("default_quiet_hours", default, { ".next" => "[time]" });
    let schedule = "CRON_TZ=America/Chicago 30 7 * * *";
    let updated = set(&owner, schedule).await.expect(200).json();
    let expected = json!({
        "raw_schedule": schedule, "user_set": true, "user_can_set": true,
        "time": "07:30", "timezone": "America/Chicago", "next": null,
    });
    assert_eq!(without_next(updated.clone()), expected);
    assert!(
        updated["next"].as_str().unwrap().contains("T07:30:00-0"),
        "{updated}"
    );
    assert_eq!(
        without_next(owner.get(MINE).await.expect(200).json()),
        expected
    );
}

#[tokio::test]
async fn a_schedule_that_is_not_one_time_each_day_is_refused_with_the_contracts_words() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for schedule in [
        "garbage",
        "* * *",
        "CRON_TZ=UTC 0 0 * * 1",
        "CRON_TZ=Moon/Sea 0 0 * * *",
        "CRON_TZ=UTC 60 0 * * *",
        "CRON_TZ=UTC 0 24 * * *",
    ] {
        let refused = set(&owner, schedule).await.expect(400);
        assert!(
            refused.member("detail").contains("parse daily schedule"),
            "{schedule}"
        );
        assert_eq!(fields(&refused), ["schedule"]);
    }
    let refused = set(&owner, "CRON_TZ=UTC 0 0,12 * * *").await.expect(400);
    assert!(refused.member("detail").contains("more than one time"));
    let refused = set(&owner, "").await.expect(400);
    assert_eq!(refused.member("message"), "Validation failed.");
    assert_eq!(owner.get(MINE).await.json()["user_set"], false);
}

#[tokio::test]
async fn a_deployment_can_keep_schedules_to_itself() {
    let server = Server::start_with(&[
        ("CHANCERY_ALLOW_CUSTOM_QUIET_HOURS", "false"),
        (
            "CHANCERY_QUIET_HOURS_DEFAULT_SCHEDULE",
            "CRON_TZ=Europe/Berlin 15 22 * * *",
        ),
    ])
    .await;
    let owner = server.owner().await;
    let refused = set(&owner, "CRON_TZ=UTC 0 0 * * *").await.expect(403);
    let expected = "Users cannot set custom quiet hours schedule due to deployment configuration.";
    assert_eq!(refused.member("message"), expected);
    let schedule = owner.get(MINE).await.expect(200).json();
    assert_eq!(schedule["user_can_set"], false);
    assert_eq!(schedule["time"], "22:15");
    assert_eq!(schedule["timezone"], "Europe/Berlin");
}

#[tokio::test]
async fn quiet_hours_are_read_by_user_admins_too_and_set_by_the_user_and_owners() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let path = format!("{USERS}/ada/quiet-hours");
    let body = json!({ "schedule": "CRON_TZ=UTC 0 1 * * *" });
    owner.put(&path, &body).await.expect(200);
    let admin = person(&owner, "admin", &["user-admin"]).await;
    admin.get(&path).await.expect(200);
    admin.put(&path, &body).await.expect(403);
    let member = person(&owner, "member", &[]).await;
    assert_not_found(member.get(&path).await);
    assert_not_found(member.put(&path, &body).await);
}
