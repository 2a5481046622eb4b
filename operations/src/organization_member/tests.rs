use super::*;
use crate::organization;
use crate::testing::World;

const ADMIN: &str = "organization-admin";
const USER_ADMIN: &str = "organization-user-admin";

fn roles(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Two members of the default organization with these roles, each signed in before either did anything.
async fn two_with(world: &World, role: &str) -> (Organization, [Caller; 2]) {
    let owner = world.sign_in("owner").await;
    let default = organization::find(&owner, "default").await.unwrap();
    for name in ["ada", "bob"] {
        world.person(&owner, name).await;
        let roles = roles(&[role]);
        change_roles(&owner, &default, name, &roles).await.unwrap();
    }
    let callers = [world.sign_in("ada").await, world.sign_in("bob").await];
    (default, callers)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_take_the_role_from_each_other_one_stays() {
    let world = World::start().await;
    let (default, [ada, bob]) = two_with(&world, ADMIN).await;
    change_roles(&ada, &default, "bob", &[]).await.unwrap();
    let refused = change_roles(&bob, &default, "ada", &[]).await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    let kept = find(&ada, &default, ada.user_id()).await.unwrap();
    assert_eq!(kept.roles, [ADMIN]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_remove_each_other_one_stays() {
    let world = World::start().await;
    let (default, [ada, bob]) = two_with(&world, ADMIN).await;
    remove(&ada, &default, "bob").await.unwrap();
    let refused = remove(&bob, &default, "ada").await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    find(&ada, &default, ada.user_id()).await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_who_depose_each_other_at_once_leave_one() {
    let world = World::start().await;
    let (default, [ada, bob]) = two_with(&world, ADMIN).await;
    let outcomes = futures::join!(
        change_roles(&ada, &default, "bob", &[]),
        remove(&bob, &default, "ada"),
    );
    assert!(
        outcomes.0.is_ok() != outcomes.1.is_ok(),
        "one and one only: {outcomes:?}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_has_recorded_counts_as_well() {
    let world = World::start().await;
    let (default, [_, bob]) = two_with(&world, ADMIN).await;
    let replica = world.replica().await;
    let there = replica.sign_in("ada").await;
    let default_there = organization::find(&there, "default").await.unwrap();
    change_roles(&there, &default_there, "bob", &[])
        .await
        .unwrap();
    let refused = change_roles(&bob, &default, "ada", &[]).await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    replica.stop().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_became_an_admin_since_he_was_looked_up_keeps_the_role() {
    let world = World::start().await;
    let (default, [ada, bob]) = two_with(&world, USER_ADMIN).await;
    let owner = world.sign_in("owner").await;
    let pool = world.database.pool().await;
    let mut blocker = pool.begin().await.unwrap();
    // The read model lags: what it shows of bob is what he was.
    sqlx::query("LOCK TABLE projection_organization.organization_members IN SHARE MODE")
        .execute(&mut *blocker)
        .await
        .unwrap();
    let membership = Membership {
        organization_id: default.id,
        user_id: bob.user_id(),
        part: OrganizationPart::MemberRoles,
    };
    let promote = Command::ChangeOrganizationMemberRoles {
        organization_id: default.id,
        user_id: bob.user_id(),
        roles: roles(&[ADMIN]),
    };
    let leave = owner.may(Action::Update, &membership).unwrap();
    leave.record_unseen(promote).await.unwrap();
    let refused = change_roles(&ada, &default, "bob", &[]).await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    blocker.rollback().await.unwrap();
    world.stop().await;
}
