//! Users and how they sign in (contract core 3 and 4).

use chancery_aggregates::user::{Command, User};
use uuid::Uuid;

use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// Whether a user may sign in, as leave to change it names it.
pub(crate) struct Account(pub Uuid);

impl Thing for Account {
    type Aggregate = User;

    fn resource(&self) -> Resource {
        Resource::User(self.0)
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::ActivateUser
            | Command::WakeUser
            | Command::RequireUser
            | Command::SuspendUser => Some(Action::Update),
            Command::CreateUser { .. }
            | Command::ChangePassword { .. }
            | Command::UpdateProfile { .. }
            | Command::ChangeRoles { .. }
            | Command::SetQuietHoursSchedule { .. }
            | Command::DeleteUser => None,
        }
    }
}
