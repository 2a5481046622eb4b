use serde_json::{Value, json};

use crate::support::{Server, Session};
use crate::{members, path};

async fn everyone(owner: &Session<'_>) -> (String, String) {
    let home = owner.default_organization().await;
    (path(&home), home)
}

#[tokio::test]
async fn everyone_in_the_organization_is_in_its_group_of_everyone() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (everyone, home) = everyone(&owner).await;
    for name in ["ada", "bob", "cyd"] {
        owner.create_person(name, &[&home]).await.expect(201);
    }
    let group = owner.get(&everyone).await.expect(200);
    insta::assert_json_snapshot!("everyone", group.json(), {
        ".id" => "[organization]", ".organization_id" => "[organization]", ".members[].id" => "[uuid]",
        ".members[].created_at" => "[time]", ".members[].updated_at" => "[time]", ".members[].last_seen_at" => "[time]",
    });
    assert_eq!(group.member("id"), group.member("organization_id"));
    let by_name = owner
        .get("/api/v2/organizations/default/groups/Everyone")
        .await;
    assert_eq!(by_name.expect(200).json(), group.json());
    let new = owner.organization("other").await;
    let group = owner.get(&path(&new)).await.expect(200).json();
    assert_eq!(
        (members(&group), &group["name"]),
        (vec!["owner"], &json!("Everyone"))
    );
}

#[tokio::test]
async fn its_name_and_members_stay_and_its_settings_may_change() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (everyone, _) = everyone(&owner).await;
    let refused: [(u16, &str, Value); 4] = [
        (
            400,
            "Cannot rename the \"Everyone\" group!",
            json!({ "name": "all", "quota_allowance": 1 }),
        ),
        (
            400,
            "Cannot update the Display Name for the \"Everyone\" group!",
            json!({ "display_name": "All", "quota_allowance": 1 }),
        ),
        (
            403,
            "Cannot add or remove users from the \"Everyone\" group!",
            json!({ "add_users": [&owner.user_id], "quota_allowance": 1 }),
        ),
        (
            403,
            "Cannot add or remove users from the \"Everyone\" group!",
            json!({ "remove_users": ["yeet"], "quota_allowance": 1 }),
        ),
    ];
    for (status, message, body) in refused {
        owner
            .patch(&everyone, &body)
            .await
            .expect_error(status, message);
    }
    assert_eq!(owner.get(&everyone).await.json()["quota_allowance"], 0);
    let allowed = json!({ "name": "Everyone", "display_name": "", "quota_allowance": 55, "avatar_url": "/all.png" });
    let changed = owner.patch(&everyone, &allowed).await.expect(200).json();
    assert_eq!(
        (&changed["quota_allowance"], &changed["avatar_url"]),
        (&json!(55), &json!("/all.png"))
    );
    let deleted = owner.delete(&everyone).await;
    deleted.expect_error(
        400,
        "\"Everyone\" is a reserved group and cannot be deleted!",
    );
}
