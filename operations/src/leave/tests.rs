use chancery_aggregates::user::Command;

use super::*;
use crate::testing::World;
use crate::user::{self, Account};

#[tokio::test(flavor = "multi_thread")]
async fn leave_for_one_action_opens_no_other() {
    let world = World::start().await;
    let caller = world.sign_in("owner").await;
    let account = Account(caller.user_id());
    for (action, command, is_opened) in [
        (Action::Update, Command::WakeUser, true),
        (Action::Read, Command::WakeUser, false),
        (Action::Delete, Command::WakeUser, false),
        // Another thing of the same stream.
        (Action::Delete, Command::DeleteUser, false),
        (Action::Update, Command::DeleteUser, false),
    ] {
        let author = crate::author::Author::server(&world.services);
        let leave = Leave::given(author, action, &account);
        let recorded = leave.record(command.clone()).await;
        assert_eq!(recorded.is_ok(), is_opened, "{action:?} {command:?}");
    }
    world.stop().await;
}

/// A user with a role, and what the role was for: leave to do something to somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_was_for_is_not_recorded_once_the_role_is_taken() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    let admin = world.person(&owner, "admin").await;
    let roles = ["user-admin".to_owned()];
    user::change_roles(&owner, &admin, &roles).await.unwrap();
    let caller = world.sign_in("admin").await;
    let ada = Account(world.person(&owner, "ada").await.id);
    let own = Account(caller.user_id());
    let given = |thing| caller.may(Action::Update, thing).unwrap();
    let (leave, of_own) = (given(&ada), given(&own));
    user::change_roles(&owner, &admin, &[]).await.unwrap();

    let recorded = leave.record(Command::SuspendUser).await.map(drop);
    assert!(
        matches!(recorded, Err(Failure::NotAllowed(_))),
        "{recorded:?}"
    );
    let tried = leave.try_record(Command::SuspendUser).await.map(drop);
    assert!(matches!(tried, Err(Failure::NotAllowed(_))), "{tried:?}");
    let united = leave
        .unit(|mut unit| async move {
            unit.record(Command::SuspendUser).await?;
            unit.done(())
        })
        .await;
    assert!(matches!(united, Err(Failure::NotAllowed(_))), "{united:?}");
    let of_own = of_own.record(Command::SuspendUser).await.map(drop);
    assert!(matches!(of_own, Err(Failure::NotAllowed(_))), "{of_own:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_is_for_is_recorded_though_its_holder_has_changed_otherwise() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    let ada = Account(world.person(&owner, "ada").await.id);
    let leave = owner.may(Action::Update, &ada).unwrap();
    let other = world.sign_in("owner").await;
    let own = user::find(&other, "me").await.unwrap();
    let profile = user::Profile {
        username: "renamed".to_owned(),
        name: String::new(),
    };
    user::update_profile(&other, &own, profile).await.unwrap();
    leave.record(Command::SuspendUser).await.unwrap();
    world.stop().await;
}
