use serde_json::json;

use crate::support::{NOT_FOUND, Server, UNKNOWN};
use crate::{add, path};

#[tokio::test]
async fn a_budget_is_the_sum_of_the_allowances_of_the_users_groups_in_the_organization() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let (staff, crew) = (
        owner.group(&home, "staff").await,
        owner.group(&home, "crew").await,
    );
    let other = owner.organization("other").await;
    for (id, quota_allowance) in [(&home, 1), (&staff, 10), (&crew, 100), (&other, 1000)] {
        let body = json!({ "quota_allowance": quota_allowance });
        owner.patch(&path(id), &body).await.expect(200);
    }
    let own = |session| async move {
        let session: &crate::support::Session<'_> = session;
        let answer = session
            .get("/api/v2/organizations/default/members/me/workspace-quota")
            .await;
        answer.expect(200).json()
    };
    assert_eq!(
        own(&ada).await,
        json!({ "credits_consumed": 0, "budget": 1 })
    );
    add(&owner, &staff, &["ada"]).await.expect(200);
    assert_eq!(
        own(&ada).await,
        json!({ "credits_consumed": 0, "budget": 11 })
    );
    add(&owner, &crew, &["ada"]).await.expect(200);
    for user in ["me", "ada", &ada.user_id] {
        let deprecated = ada
            .get(&format!("/api/v2/workspace-quota/{user}"))
            .await
            .expect(200);
        assert_eq!(
            deprecated.json(),
            json!({ "credits_consumed": 0, "budget": 111 })
        );
    }
    owner
        .post(
            &format!("/api/v2/organizations/{other}/members/ada"),
            &json!({}),
        )
        .await
        .expect(200);
    let there = ada
        .get("/api/v2/organizations/other/members/me/workspace-quota")
        .await;
    assert_eq!(there.expect(200).json()["budget"], 1000);
    owner.delete(&path(&staff)).await.expect(200);
    assert_eq!(own(&ada).await["budget"], 101);
}

#[tokio::test]
async fn allowances_of_all_bits_add_up() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let staff = owner.group(&home, "staff").await;
    for id in [&home, &staff] {
        let most = json!({ "quota_allowance": i32::MAX });
        owner.patch(&path(id), &most).await.expect(200);
    }
    add(&owner, &staff, &["owner"]).await.expect(200);
    let quota = owner
        .get("/api/v2/workspace-quota/me")
        .await
        .expect(200)
        .json();
    assert_eq!(quota["budget"], 2 * i64::from(i32::MAX));
}

#[tokio::test]
async fn a_quota_is_seen_by_its_user_and_those_who_see_users() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    owner.create_person("bob", &[&home]).await.expect(201);
    owner.organization("other").await;
    for path in [
        "/api/v2/organizations/default/members/bob/workspace-quota".to_owned(),
        "/api/v2/workspace-quota/bob".to_owned(),
        format!("/api/v2/workspace-quota/{UNKNOWN}"),
        "/api/v2/organizations/other/members/me/workspace-quota".to_owned(),
    ] {
        ada.get(&path).await.expect_error(404, NOT_FOUND);
    }
    owner
        .get("/api/v2/organizations/other/members/bob/workspace-quota")
        .await
        .expect(404);
    owner
        .set_member_roles(&home, "ada", &["organization-user-admin"])
        .await
        .expect(200);
    ada.get("/api/v2/organizations/default/members/bob/workspace-quota")
        .await
        .expect(200);
}
