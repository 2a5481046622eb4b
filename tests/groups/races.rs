use futures::future::join_all;
use serde_json::json;

use crate::support::Server;
use crate::{members, path};

const RACES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_create_a_group_of_one_name_at_once_one_does() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let groups = "/api/v2/organizations/default/groups";
    for race in 0..RACES {
        let body = json!({ "name": format!("group-{race}") });
        let answers = join_all([owner.post(groups, &body), owner.post(groups, &body)]).await;
        let mut statuses: Vec<u16> = answers
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{answers:#?}");
    }
    let listed = owner.get(groups).await.expect(200).each("name");
    assert_eq!(listed.len(), RACES + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_rename_to_one_name_at_once_one_does() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (one, two) = (
        owner.group("default", "one").await,
        owner.group("default", "two").await,
    );
    for race in 0..20 {
        let body = json!({ "name": format!("name-{race}") });
        let (one, two) = (path(&one), path(&two));
        let answers = join_all([owner.patch(&one, &body), owner.patch(&two, &body)]).await;
        let mut statuses: Vec<u16> = answers
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{answers:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_add_one_user_at_once_one_does_and_none_fails_otherwise() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let staff = owner.group("default", "staff").await;
    let (path, body) = (path(&staff), json!({ "add_users": ["owner"] }));
    let answers = join_all((0..10).map(|_| owner.patch(&path, &body))).await;
    let added = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(added, 1, "{answers:#?}");
    assert!(
        answers
            .iter()
            .all(|answer| [200, 400, 409].contains(&answer.status.as_u16()))
    );
    assert_eq!(
        members(&owner.get(&path).await.expect(200).json()),
        ["owner"]
    );
}
