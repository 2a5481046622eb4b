use chancery_aggregates::user::Command;

use super::*;
use crate::testing::World;
use crate::user::Account;

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
