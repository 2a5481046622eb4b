use crate::path;
use crate::support::Server;

#[tokio::test]
async fn an_organizations_admin_is_removed_by_one_who_could_take_that_role_only() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    owner.create_person("boss", &[&home]).await.expect(201);
    let clerk = owner.person("clerk", &[&home]).await;
    for (name, role) in [
        ("boss", "organization-admin"),
        ("clerk", "organization-user-admin"),
    ] {
        owner
            .set_member_roles(&home, name, &[role])
            .await
            .expect(200);
    }
    let boss = path("default/members/boss");
    clerk.set_member_roles(&home, "boss", &[]).await.expect(403);
    clerk.delete(&boss).await.expect(403);
    owner.create_person("ada", &[&home]).await.expect(201);
    clerk.delete(&path("default/members/ada")).await.expect(204);
    owner.delete(&boss).await.expect(204);
}
