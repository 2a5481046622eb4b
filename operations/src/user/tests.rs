use chancery_aggregates::user::{Command, User as Stream};

use super::*;
use crate::author::Author;
use crate::secret::Secret;
use crate::testing::{PASSWORD, World};
use crate::{Failure, Operator};

/// Two owners, each looked up before either did anything.
async fn two_owners(world: &World) -> [(crate::Caller, User); 2] {
    let owner = world.sign_in("owner").await;
    let ada = world.person(&owner, "ada").await;
    let roles = ["owner".to_owned()];
    let ada = change_roles(&owner, &ada, &roles).await.unwrap();
    let own = find(&owner, "me").await.unwrap();
    [(owner, own), (world.sign_in("ada").await, ada)]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_take_the_role_from_each_other_one_stays() {
    let world = World::start().await;
    let [(one, one_user), (other, other_user)] = two_owners(&world).await;
    change_roles(&one, &other_user, &[]).await.unwrap();
    let refused = change_roles(&other, &one_user, &[]).await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    let kept = find(&one, "me").await.unwrap();
    assert_eq!(kept.roles, ["owner"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_delete_each_other_one_stays() {
    let world = World::start().await;
    let [(one, one_user), (other, other_user)] = two_owners(&world).await;
    delete(&one, &other_user).await.unwrap();
    let refused = delete(&other, &one_user).await;
    assert!(
        matches!(refused, Err(Failure::Unauthenticated(_))),
        "{refused:?}"
    );
    find(&one, "me").await.unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_who_take_the_role_from_each_other_at_once_leave_one() {
    let world = World::start().await;
    let [(one, one_user), (other, other_user)] = two_owners(&world).await;
    let outcomes = futures::join!(
        change_roles(&one, &other_user, &[]),
        change_roles(&other, &one_user, &[]),
    );
    assert!(
        outcomes.0.is_ok() != outcomes.1.is_ok(),
        "one and one only: {outcomes:?}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_became_an_owner_since_he_was_looked_up_is_an_owners_to_delete() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    let admin = world.person(&owner, "admin").await;
    let roles = ["user-admin".to_owned()];
    change_roles(&owner, &admin, &roles).await.unwrap();
    let admin = world.sign_in("admin").await;
    let ada = world.person(&owner, "ada").await;
    change_roles(&owner, &ada, &["owner".to_owned()])
        .await
        .unwrap();
    let refused = delete(&admin, &ada).await;
    assert!(
        matches!(refused, Err(Failure::NotAllowed(_))),
        "{refused:?}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_user_admins_who_suspend_each_other_one_stays() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    let roles = ["user-admin".to_owned()];
    let admin = async |name| {
        let user = world.person(&owner, name).await;
        let user = change_roles(&owner, &user, &roles).await.unwrap();
        (world.sign_in(name).await, user)
    };
    let (ada, ada_user) = admin("ada").await;
    let (bob, bob_user) = admin("bob").await;
    suspend(&ada, &bob_user).await.unwrap();
    let refused = suspend(&bob, &ada_user).await;
    assert!(
        matches!(refused, Err(Failure::Unauthenticated(_))),
        "{refused:?}"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_an_owner_when_the_last_one_is_gone() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    let context = Author::server(&world.services).context(world.clock.now());
    let none = Command::ChangeRoles { roles: Vec::new() };
    let (ledger, id) = (world.services.ledger(), owner.user_id().to_string());
    ledger.execute::<Stream>(&id, none, &context).await.unwrap();
    let operator = Operator::new(&world.services, 1000, "ops");
    let new = NewUser {
        email: "ada@example.com".to_owned(),
        username: "ada".to_owned(),
        password: Secret::from(PASSWORD),
        ..NewUser::default()
    };
    create_by_operator(&operator, new, true).await.unwrap();
    let ada = world.sign_in("ada").await;
    let user = find(&ada, "owner").await.unwrap();
    let user = change_roles(&ada, &user, &["owner".to_owned()]).await;
    assert_eq!(user.unwrap().roles, ["owner"]);
    world.stop().await;
}
