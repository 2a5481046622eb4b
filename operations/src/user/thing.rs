//! What of a user leave is asked for.

use chancery_aggregates::user::{Command, User, UserId};

use crate::leave::Thing;
use crate::policy::{Action, Resource, Role};

/// A user to be made.
pub(super) struct Unborn(pub UserId);

/// Whether a user may sign in.
pub(crate) struct Account(pub UserId);

/// What a user decides about itself: names, password, quiet hours.
pub(super) struct Person(pub UserId);

/// The site roles of a user.
pub(super) struct SiteRoles(pub UserId);

/// The existence of a user. That of an owner is an owner's to end.
pub(super) struct Existence {
    pub user_id: UserId,
    pub is_owner: bool,
}

impl Existence {
    /// The existence of `user`.
    pub fn of(user: &super::User) -> Self {
        Self {
            user_id: user.id,
            is_owner: user.roles.iter().any(|role| role == Role::Owner.name()),
        }
    }
}

impl Thing for Unborn {
    type Noun = User;

    fn resource(&self) -> Resource {
        Resource::Users
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        matches!(command, Command::CreateUser { .. }).then_some(Action::Create)
    }
}

impl Thing for Account {
    type Noun = User;

    fn resource(&self) -> Resource {
        Resource::User(self.0)
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        let is_own = matches!(
            command,
            Command::ActivateUser
                | Command::SuspendUser
                | Command::ReinstateUser
                | Command::WakeUser
                | Command::RequireUser
        );
        is_own.then_some(Action::Update)
    }
}

impl Thing for Person {
    type Noun = User;

    fn resource(&self) -> Resource {
        Resource::PersonalData { user_id: self.0 }
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        let is_own = matches!(
            command,
            Command::ChangePassword { .. }
                | Command::UpdateProfile { .. }
                | Command::SetQuietHoursSchedule { .. }
        );
        is_own.then_some(Action::Update)
    }
}

impl Thing for SiteRoles {
    type Noun = User;

    fn resource(&self) -> Resource {
        Resource::SiteRoles { user_id: self.0 }
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        matches!(command, Command::ChangeRoles { .. }).then_some(Action::Update)
    }
}

impl Thing for Existence {
    type Noun = User;

    fn resource(&self) -> Resource {
        if self.is_owner {
            Resource::OwnerUser(self.user_id)
        } else {
            Resource::User(self.user_id)
        }
    }

    fn stream_id(&self) -> String {
        self.user_id.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        matches!(command, Command::DeleteUser).then_some(Action::Delete)
    }
}
