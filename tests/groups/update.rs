use serde_json::json;

use crate::support::{NOT_FOUND, Server, Session, UNKNOWN};
use crate::{add, members, path};

struct Staff<'a> {
    owner: Session<'a>,
    home: String,
    id: String,
    ada: String,
    bob: String,
}

impl<'a> Staff<'a> {
    async fn of(server: &'a Server) -> Self {
        let owner = server.owner().await;
        let home = owner.default_organization().await;
        let ada = owner
            .create_person("ada", &[&home])
            .await
            .expect(201)
            .member("id");
        let bob = owner
            .create_person("bob", &[&home])
            .await
            .expect(201)
            .member("id");
        let id = owner.group(&home, "staff").await;
        Self {
            owner,
            home,
            id,
            ada,
            bob,
        }
    }

    async fn patch(&self, body: serde_json::Value) -> crate::support::Answer {
        self.owner.patch(&path(&self.id), &body).await
    }

    async fn read(&self) -> serde_json::Value {
        self.owner.get(&path(&self.id)).await.expect(200).json()
    }
}

#[tokio::test]
async fn settings_change_and_what_is_left_out_stays() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    let body = json!({ "name": "crew", "display_name": "Crew", "avatar_url": "/a.png", "quota_allowance": 7 });
    let changed = staff.patch(body).await.expect(200).json();
    assert_eq!(
        (
            &changed["name"],
            &changed["display_name"],
            &changed["avatar_url"],
            &changed["quota_allowance"]
        ),
        (&json!("crew"), &json!("Crew"), &json!("/a.png"), &json!(7))
    );
    for unchanging in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "crew" }),
        json!({ "name": null, "display_name": null, "avatar_url": null, "quota_allowance": null, "add_users": null }),
    ] {
        assert_eq!(staff.patch(unchanging).await.expect(200).json(), changed);
    }
    let cleared = staff
        .patch(json!({ "display_name": "", "avatar_url": "", "quota_allowance": 0 }))
        .await;
    let cleared = cleared.expect(200).json();
    assert_eq!(
        (
            &cleared["name"],
            &cleared["display_name"],
            &cleared["avatar_url"],
            &cleared["quota_allowance"]
        ),
        (&json!("crew"), &json!(""), &json!(""), &json!(0))
    );
    assert_eq!(cleared["source"], "user");
}

#[tokio::test]
async fn users_are_added_and_removed_by_id_or_name() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    let both = staff
        .patch(json!({ "add_users": [&staff.bob, "ADA"] }))
        .await
        .expect(200)
        .json();
    assert_eq!(members(&both), ["ada", "bob"]);
    assert_eq!(both["total_member_count"], 2);
    let one = staff
        .patch(json!({ "remove_users": [&staff.ada] }))
        .await
        .expect(200)
        .json();
    assert_eq!(members(&one), ["bob"]);
    let none = staff
        .patch(json!({ "remove_users": ["bob", "ada"] }))
        .await
        .expect(200)
        .json();
    assert_eq!(members(&none), [""; 0]);
    assert_eq!(none["total_member_count"], 0);
    let crossed = json!({ "add_users": ["ada", "bob"], "remove_users": ["ada"] });
    assert_eq!(
        members(&staff.patch(crossed).await.expect(200).json()),
        ["bob"]
    );
}

#[tokio::test]
async fn one_user_who_cannot_be_added_or_removed_leaves_everything_as_it_was() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    staff.owner.organization("other").await;
    let outsider = staff.owner.create_person("zed", &[]).await;
    // A user belongs to an organization from the beginning: this one to another.
    outsider.expect(400);
    let other = staff
        .owner
        .get("/api/v2/organizations/other")
        .await
        .member("id");
    let outsider = staff
        .owner
        .create_person("zed", &[&other])
        .await
        .expect(201)
        .member("id");
    let before = staff.read().await;
    let malformed = |text: &str| format!("ID \"{text}\" must be a valid user UUID.");
    let foreign = "User must be a member of organization \"staff\"".to_owned();
    for (user, message) in [
        ("yeet", malformed("yeet")),
        ("zed", malformed("zed")),
        ("", malformed("")),
        (UNKNOWN, foreign.clone()),
        (outsider.as_str(), foreign),
    ] {
        let changes = [
            json!({ "add_users": [&staff.ada, user], "name": "crew" }),
            json!({ "remove_users": [&staff.ada, user], "quota_allowance": 9 }),
        ];
        for body in changes {
            staff.patch(body).await.expect_error(400, &message);
            assert_eq!(staff.read().await, before);
        }
    }
}

#[tokio::test]
async fn nobody_is_added_twice() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    let twice = "Cannot add the same user to a group twice!";
    staff
        .patch(json!({ "add_users": [&staff.ada, &staff.ada] }))
        .await
        .expect_error(400, twice);
    staff
        .patch(json!({ "add_users": [&staff.ada, "ada"] }))
        .await
        .expect_error(400, twice);
    add(&staff.owner, &staff.id, &[&staff.ada])
        .await
        .expect(200);
    let mixed = json!({ "add_users": [&staff.bob, &staff.ada], "name": "crew" });
    staff.patch(mixed).await.expect_error(400, twice);
    let after = staff.read().await;
    assert_eq!(
        (members(&after), &after["name"]),
        (vec!["ada"], &json!("staff"))
    );
}

#[tokio::test]
async fn a_taken_or_reserved_name_is_refused() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    staff.owner.group(&staff.home, "crew").await;
    let taken = staff
        .patch(json!({ "name": "crew", "quota_allowance": 3 }))
        .await;
    taken.expect_error(409, "A group with name \"crew\" already exists.");
    assert_eq!(staff.read().await["quota_allowance"], 0);
    let reserved = staff.patch(json!({ "name": "Everyone" })).await;
    reserved.expect_error(400, "\"Everyone\" is a reserved group name!");
    for (field, value) in [
        ("name", json!("a b")),
        ("display_name", json!("a ")),
        ("quota_allowance", json!(-1)),
        ("quota_allowance", json!(2_147_483_648_i64)),
    ] {
        let mut body = json!({});
        body[field] = value;
        let refused = staff
            .patch(body)
            .await
            .expect_error(400, "Validation failed.");
        assert_eq!(refused.fields(), [field]);
    }
}

#[tokio::test]
async fn a_renamed_group_gives_its_name_free() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    staff.patch(json!({ "name": "crew" })).await.expect(200);
    staff.owner.group(&staff.home, "staff").await;
    let by_name = format!("/api/v2/organizations/{}/groups/crew", staff.home);
    assert_eq!(
        staff.owner.get(&by_name).await.expect(200).member("id"),
        staff.id
    );
}

#[tokio::test]
async fn a_member_may_see_and_not_change_and_an_outsider_sees_nothing() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    add(&staff.owner, &staff.id, &["ada"]).await.expect(200);
    let change = json!({ "name": "crew" });
    let ada = server
        .sign_in("ada@example.com", crate::support::PASSWORD)
        .await;
    ada.patch(&path(&staff.id), &change)
        .await
        .expect_error(403, "Forbidden.");
    let bob = server
        .sign_in("bob@example.com", crate::support::PASSWORD)
        .await;
    bob.patch(&path(&staff.id), &change)
        .await
        .expect_error(404, NOT_FOUND);
    staff
        .owner
        .patch(&path(UNKNOWN), &change)
        .await
        .expect_error(404, NOT_FOUND);
    staff
        .owner
        .patch(&path("staff"), &change)
        .await
        .expect_error(400, "Invalid UUID \"staff\".");
}

#[tokio::test]
async fn one_who_leaves_the_organization_leaves_its_groups_and_does_not_come_back_to_them() {
    let server = Server::start().await;
    let staff = Staff::of(&server).await;
    add(&staff.owner, &staff.id, &["ada", "bob"])
        .await
        .expect(200);
    let member = format!("/api/v2/organizations/{}/members/ada", staff.home);
    staff.owner.delete(&member).await.expect(204);
    assert_eq!(members(&staff.read().await), ["bob"]);
    staff.owner.post(&member, &json!({})).await.expect(200);
    let back = staff.read().await;
    assert_eq!(
        (members(&back), &back["total_member_count"]),
        (vec!["bob"], &json!(1))
    );
    add(&staff.owner, &staff.id, &["ada"]).await.expect(200);
    assert_eq!(members(&staff.read().await), ["ada", "bob"]);
}
