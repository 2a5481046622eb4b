use crate::support::{NOT_FOUND, Server};
use crate::{add, path};

#[tokio::test]
async fn a_deleted_group_is_gone_with_its_memberships_and_its_name_is_free() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let id = owner.group(&home, "staff").await;
    add(&owner, &id, &["ada"]).await.expect(200);
    let refused = ada.delete(&path(&id)).await;
    refused.expect_error(403, "Forbidden.");
    owner
        .delete(&path(&id))
        .await
        .expect_error(200, "Successfully deleted group!");
    owner.get(&path(&id)).await.expect_error(404, NOT_FOUND);
    owner.delete(&path(&id)).await.expect_error(404, NOT_FOUND);
    let of_ada = owner.get("/api/v2/groups?has_member=ada").await.expect(200);
    assert_eq!(of_ada.each("name"), ["Everyone"]);
    let again = owner.group(&home, "staff").await;
    let found = owner.get(&path(&again)).await.expect(200).json();
    assert_eq!(found["total_member_count"], 0);
}

#[tokio::test]
async fn a_deleted_organization_takes_its_groups_along() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let other = owner.organization("other").await;
    let id = owner.group(&other, "staff").await;
    owner
        .delete("/api/v2/organizations/other")
        .await
        .expect(200);
    for id in [&id, &other] {
        owner.get(&path(id)).await.expect_error(404, NOT_FOUND);
    }
    assert_eq!(
        owner
            .get("/api/v2/groups")
            .await
            .expect(200)
            .each("organization_name"),
        ["coder"]
    );
}
