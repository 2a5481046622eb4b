use serde_json::json;

use crate::path;
use crate::support::{NOT_FOUND, Server};

const ROLES: [&str; 5] = [
    "organization-admin",
    "organization-auditor",
    "organization-template-admin",
    "organization-user-admin",
    "organization-workspace-creation-ban",
];

#[tokio::test]
async fn roles_are_replaced_and_shown() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner
        .create_person("ada", &[&home])
        .await
        .expect(201)
        .member("id");
    let set = async |roles: &[&str]| {
        let member = owner
            .set_member_roles(&home, "ada", roles)
            .await
            .expect(200)
            .json();
        let names = member["roles"].as_array().unwrap().iter();
        names
            .map(|role| role["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(set(&ROLES).await, ROLES);
    assert_eq!(
        set(&[
            "organization-auditor",
            "organization-member",
            "organization-auditor"
        ])
        .await,
        [ROLES[1]]
    );
    let roles = owner
        .get("/api/v2/users/ada/roles")
        .await
        .expect(200)
        .json();
    assert_eq!(roles["organization_roles"][&home], json!([ROLES[1]]));
    assert_eq!(set(&[]).await, [""; 0]);
    let by_id = owner
        .set_member_roles("default", &ada, &[ROLES[0]])
        .await
        .expect(200)
        .json();
    assert_eq!(by_id["roles"][0]["display_name"], "Organization Admin");
}

#[tokio::test]
async fn unknown_roles_site_roles_and_ones_own_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    owner.create_person("ada", &[&home]).await.expect(201);
    owner.organization("other").await;
    for role in ["owner", "king", ""] {
        let refused = owner
            .set_member_roles(&home, "ada", &[role])
            .await
            .expect(400);
        assert_eq!(refused.fields(), ["roles"]);
    }
    let own = owner.set_member_roles(&home, "me", &[ROLES[0]]).await;
    own.expect_error(400, "You cannot change your own organization roles.");
    owner
        .set_member_roles("other", "ada", &[ROLES[0]])
        .await
        .expect_error(404, NOT_FOUND);
    let unchanged = owner.get(&path("default/members")).await.expect(200).json();
    assert!(
        unchanged
            .as_array()
            .unwrap()
            .iter()
            .all(|member| member["roles"] == json!([]))
    );
}

#[tokio::test]
async fn nobody_gives_more_than_he_may() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let eve = owner.person("eve", &[&home]).await;
    owner.create_person("ada", &[&home]).await.expect(201);
    owner.create_person("boss", &[&home]).await.expect(201);
    owner
        .set_member_roles(&home, "boss", &["organization-admin"])
        .await
        .expect(200);
    eve.set_member_roles(&home, "ada", &[])
        .await
        .expect_error(403, "Forbidden.");
    for role in ["organization-auditor", "organization-template-admin"] {
        owner
            .set_member_roles(&home, "eve", &[role])
            .await
            .expect(200);
        eve.set_member_roles(&home, "ada", &[ROLES[1]])
            .await
            .expect_error(403, "Forbidden.");
    }
    owner
        .set_member_roles(&home, "eve", &["organization-user-admin"])
        .await
        .expect(200);
    eve.set_member_roles(&home, "ada", &[ROLES[1]])
        .await
        .expect(200);
    eve.set_member_roles(&home, "ada", &[ROLES[0]])
        .await
        .expect_error(403, "Forbidden.");
    eve.set_member_roles(&home, "boss", &[])
        .await
        .expect_error(403, "Forbidden.");
    owner
        .set_member_roles(&home, "eve", &["organization-admin"])
        .await
        .expect(200);
    eve.set_member_roles(&home, "boss", &[]).await.expect(200);
    eve.set_member_roles(&home, "ada", &[ROLES[0]])
        .await
        .expect(200);
}

#[tokio::test]
async fn the_assignable_roles_say_what_the_caller_may_give() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner.person("ada", &[&home]).await;
    let roles = owner.get(&path("default/members/roles")).await.expect(200);
    insta::assert_json_snapshot!("assignable_roles", roles.json(), { "[].organization_id" => "[uuid]" });
    let assignable = async || {
        let roles = ada
            .get(&path("default/members/roles"))
            .await
            .expect(200)
            .json();
        let roles = roles.as_array().unwrap().clone();
        let given = roles.iter().filter(|role| role["assignable"] == true);
        given
            .map(|role| role["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(assignable().await, [""; 0]);
    owner
        .set_member_roles(&home, "ada", &["organization-user-admin"])
        .await
        .expect(200);
    assert_eq!(assignable().await, ROLES[1..]);
}
