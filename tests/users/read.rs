use serde_json::json;

use crate::support::Server;
use crate::{UNKNOWN, USERS, assert_not_found, create, person};

#[tokio::test]
async fn a_user_is_read_by_itself_and_by_those_who_may_and_is_unknown_to_others() {
    let server = Server::start().await;
    let owner = server.owner().await;
    create(&owner, "ada").await;
    let member = person(&owner, "member", &[]).await;
    member.get(&format!("{USERS}/me")).await.expect(200);
    member.get(&format!("{USERS}/member")).await.expect(200);
    let auditor = person(&owner, "auditor", &["auditor"]).await;
    for outsider in [&member, &auditor] {
        for path in ["ada", UNKNOWN, "nobody", "a%20b"] {
            assert_not_found(outsider.get(&format!("{USERS}/{path}")).await);
        }
    }
    for role in ["user-admin", "template-admin"] {
        let reader = person(&owner, role, &[role]).await;
        reader.get(&format!("{USERS}/ada")).await.expect(200);
        assert_not_found(reader.get(&format!("{USERS}/{UNKNOWN}")).await);
    }
    server.get(&format!("{USERS}/ada")).await.expect(401);
}

#[tokio::test]
async fn the_login_type_is_for_the_user_owners_and_user_admins() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = person(&owner, "ada", &[]).await;
    let path = format!("{USERS}/ada/login-type");
    let expected = json!({ "login_type": "password" });
    assert_eq!(
        ada.get(&format!("{USERS}/me/login-type"))
            .await
            .expect(200)
            .json(),
        expected
    );
    let admin = person(&owner, "admin", &["user-admin"]).await;
    for reader in [&owner, &admin] {
        assert_eq!(reader.get(&path).await.expect(200).json(), expected);
    }
    person(&owner, "templates", &["template-admin"])
        .await
        .get(&path)
        .await
        .expect(403);
    assert_not_found(person(&owner, "member", &[]).await.get(&path).await);
}
