use std::collections::BTreeSet;

use chancery_aggregates::group::{
    self, EVERYONE, Group, QuotaAllowance, SettingsPatch, UpdateGroup, everyone_of,
};
use chancery_aggregates::organization::{self, Organization, OrganizationId};
use chancery_aggregates::user::{self, User};
use chancery_projections::audit::{AuditFilter, AuditPage};
use chancery_projections::group::{GroupFilter, Reader};
use chancery_projections::user as user_queries;
use chancery_projections::{audit, group as groups, organization as organizations};
use serde_json::json;

use crate::place::Place;

fn everything() -> GroupFilter {
    GroupFilter::default()
}

fn allow(credits: i64) -> SettingsPatch {
    SettingsPatch {
        quota_allowance: Some(QuotaAllowance::new(credits).unwrap()),
        ..SettingsPatch::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_their_number_follow_the_group_and_the_organization() {
    let place = Place::new().await;
    let (ada, bob) = (place.user("ada").await, place.user("bob").await);
    place.join(ada).await;
    place.join(bob).await;
    let staff = place.group("staff", 5).await;
    assert_eq!(place.members(staff).await, (BTreeSet::new(), 0));
    place.add(staff, &[bob, ada]).await;
    assert_eq!(place.members(staff).await, ([ada, bob].into(), 2));
    let everyone = everyone_of(place.organization_id);
    assert_eq!(place.members(everyone).await, ([ada, bob].into(), 2));

    place.leave(bob).await;
    assert_eq!(place.members(staff).await, ([ada].into(), 1));
    assert_eq!(place.members(everyone).await, ([ada].into(), 1));

    let delete = user::Command::DeleteUser;
    place
        .history
        .world
        .execute::<User>(&ada.to_string(), delete)
        .await;
    assert_eq!(place.members(staff).await, (BTreeSet::new(), 0));
    assert_eq!(place.members(everyone).await, (BTreeSet::new(), 0));
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_left_without_being_taken_out_of_a_group_is_not_back_in_it_when_he_returns() {
    let place = Place::new().await;
    let (ada, bob) = (place.user("ada").await, place.user("bob").await);
    let staff = place.group("staff", 0).await;
    place.join(ada).await;
    place.add(staff, &[ada]).await;
    place.leave(ada).await;
    // As if his membership had ended while he was being added.
    place.add(staff, &[bob]).await;
    place.join(ada).await;
    place.join(bob).await;
    assert_eq!(place.members(staff).await, (BTreeSet::new(), 0));

    let pool = place.history.projections.pool();
    for user_id in [ada, bob] {
        let listed = groups::ids_of_user(pool, place.organization_id, user_id).await;
        assert_eq!(listed.unwrap(), [staff]);
        let leave = group::Command::LeaveGroup { user_id };
        place
            .history
            .world
            .execute::<Group>(&staff.to_string(), leave)
            .await;
    }
    place.add(staff, &[ada, bob]).await;
    assert_eq!(place.members(staff).await, ([ada, bob].into(), 2));
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_combine_and_a_reader_sees_no_more_than_may_be_seen() {
    let place = Place::new().await;
    let (ada, bob) = (place.user("ada").await, place.user("bob").await);
    place.join(ada).await;
    let (staff, crew) = (place.group("staff", 0).await, place.group("crew", 0).await);
    place.add(staff, &[ada]).await;
    place.history.settle().await;

    assert_eq!(place.names(everything()).await, [EVERYONE, "crew", "staff"]);
    let of_ada = GroupFilter {
        has_member: Some(ada),
        ..everything()
    };
    assert_eq!(place.names(of_ada.clone()).await, [EVERYONE, "staff"]);
    let among = GroupFilter {
        ids: Some(vec![staff, crew]),
        ..of_ada
    };
    assert_eq!(place.names(among).await, ["staff"]);
    let elsewhere = GroupFilter {
        organization_id: Some(OrganizationId::default()),
        ..everything()
    };
    assert_eq!(place.names(elsewhere).await, [""; 0]);
    let visible_to = |user_id, organization_ids| GroupFilter {
        reader: Some(Reader {
            user_id,
            organization_ids: Some(organization_ids),
        }),
        ..everything()
    };
    assert_eq!(
        place.names(visible_to(ada, vec![])).await,
        [EVERYONE, "staff"]
    );
    assert_eq!(place.names(visible_to(bob, vec![])).await, [""; 0]);
    assert_eq!(
        place
            .names(visible_to(bob, vec![place.organization_id]))
            .await,
        [EVERYONE, "crew", "staff"]
    );
    let page = GroupFilter {
        limit: Some(1),
        offset: 1,
        ..everything()
    };
    assert_eq!(place.names(page).await, ["crew"]);
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_the_sum_over_the_groups_of_one_organization() {
    let place = Place::new().await;
    let (ada, bob) = (place.user("ada").await, place.user("bob").await);
    place.join(ada).await;
    let staff = place.group("staff", 5).await;
    place.group("crew", 100).await;
    place.add(staff, &[ada]).await;
    let update = UpdateGroup {
        settings: allow(2),
        ..UpdateGroup::default()
    };
    place
        .update(everyone_of(place.organization_id), update)
        .await;
    place.history.settle().await;
    let pool = place.history.projections.pool();
    for (user_id, organization_id, budget) in [
        (ada, place.organization_id, 7),
        (ada, OrganizationId::default(), 0),
        (bob, place.organization_id, 0),
    ] {
        let found = groups::quota_budget(pool, organization_id, user_id).await;
        assert_eq!(found.unwrap(), budget);
    }
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_organization_takes_its_groups_along_and_what_comes_late_is_passed_over() {
    let place = Place::new().await;
    let ada = place.user("ada").await;
    place.join(ada).await;
    let staff = place.group("staff", 0).await;
    place.add(staff, &[ada]).await;
    let id = place.organization_id.to_string();
    let world = &place.history.world;
    world
        .execute::<Organization>(&id, organization::Command::DeleteOrganization)
        .await;
    let late = place.user("late").await;
    place.join(late).await;
    let later = place.group("later", 0).await;
    place.add(later, &[late]).await;
    place.history.settle().await;
    let pool = place.history.projections.pool();
    let left = organizations::member_count(pool, place.organization_id).await;
    assert_eq!(left.unwrap(), 0);
    for user_id in [ada, late] {
        assert_eq!(
            user_queries::organization_roles(pool, user_id)
                .await
                .unwrap(),
            []
        );
    }
    assert_eq!(place.names(everything()).await, [""; 0]);
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_shows_what_changed_of_a_group() {
    let place = Place::new().await;
    let ada = place.user("ada").await;
    place.join(ada).await;
    let staff = place.group("staff", 5).await;
    let update = UpdateGroup {
        settings: allow(7),
        add: vec![ada],
        ..UpdateGroup::default()
    };
    place.update(staff, update).await;
    let delete = group::Command::DeleteGroup;
    place
        .history
        .world
        .execute::<Group>(&staff.to_string(), delete)
        .await;
    place.history.settle().await;
    let filter = AuditFilter {
        resource_type: Some("group".to_owned()),
        ..AuditFilter::default()
    };
    let pool = place.history.projections.pool();
    let reader = place.history.world.ledger.reader();
    let mut entries = audit::list(
        pool,
        &reader,
        &filter,
        AuditPage {
            after_id: None,
            limit: 10,
            offset: 0,
        },
    )
    .await
    .unwrap()
    .entries;
    entries.reverse();
    let element = json!([{ "user_id": ada, "group_id": staff }]);
    let shown = |old: serde_json::Value, new: serde_json::Value| json!({ "old": old, "new": new, "secret": false });
    let found: Vec<_> = entries
        .into_iter()
        .map(|entry| (entry.action.to_owned(), entry.resource_target, entry.diff))
        .collect();
    let expected = [
        (
            "create",
            json!({
                "id": shown(json!(""), json!(staff)),
                "name": shown(json!(""), json!("staff")),
                "quota_allowance": shown(json!(0), json!(5)),
            }),
        ),
        (
            "write",
            json!({ "quota_allowance": shown(json!(5), json!(7)) }),
        ),
        (
            "write",
            json!({ "members": shown(json!([]), element.clone()) }),
        ),
        (
            "delete",
            json!({
                "id": shown(json!(staff), json!("")),
                "name": shown(json!("staff"), json!("")),
                "quota_allowance": shown(json!(7), json!(0)),
                "members": shown(element, json!([])),
            }),
        ),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(action, diff)| (action.to_owned(), "staff".to_owned(), diff))
        .collect();
    assert_eq!(found, expected);
    place.verified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_paged_by_the_names_that_they_have_now() {
    let place = Place::new().await;
    let mut users = Vec::new();
    for name in ["ada", "bob", "cyd", "dan"] {
        let id = place.user(name).await;
        place.join(id).await;
        users.push(id);
    }
    let staff = place.group("staff", 0).await;
    place.add(staff, &users).await;
    let rename = user::Command::UpdateProfile {
        username: chancery_aggregates::name::Name::username("Zoe").unwrap(),
        name: chancery_aggregates::name::RealName::default(),
    };
    place
        .history
        .world
        .execute::<User>(&users[1].to_string(), rename)
        .await;
    place.leave(users[2]).await;
    place.history.settle().await;
    let pool = place.history.projections.pool();
    let both = [staff, everyone_of(place.organization_id)];
    let page = async |limit, offset| {
        let members = groups::members(pool, &both, None, limit, offset)
            .await
            .unwrap();
        both.map(|id| {
            let of_group = members.get(&id).into_iter().flatten();
            of_group.map(|one| one.username.clone()).collect::<Vec<_>>()
        })
    };
    for names in page(None, 0).await {
        assert_eq!(names, ["ada", "dan", "Zoe"]);
    }
    for names in page(Some(1), 1).await {
        assert_eq!(names, ["dan"]);
    }
    for names in page(Some(5), 2).await {
        assert_eq!(names, ["Zoe"]);
    }
    let own = groups::members(pool, &both, Some(users[3]), Some(1), 0).await;
    for of_group in own.unwrap().into_values() {
        assert_eq!((of_group.len(), of_group[0].id), (1, users[3]));
    }
    place.verified().await;
}
