//! What a user's commands come to.

use super::{Command, Error, Event, OWNER, Status, User};
use crate::login_type::LoginType;
use crate::name::{Name, RealName};
use crate::{Life, Personal};

/// The event that `command` records; `None` when it changes nothing.
pub(super) fn decide(state: &Life<User>, command: Command) -> Result<Option<Event>, Error> {
    match command {
        Command::CreateUser {
            username,
            email,
            name,
            login_type,
            status,
            roles,
            hashed_password,
        } => {
            state.must_be_new(Error::AlreadyExists)?;
            match (login_type, &hashed_password) {
                (LoginType::Password, None) => return Err(Error::PasswordMissing),
                (LoginType::Password, Some(_)) | (_, None) => {}
                (_, Some(_)) => return Err(Error::PasswordNotAllowed),
            }
            Ok(Some(Event::UserCreated {
                username: Personal::new(username.as_str().to_owned()),
                email: Personal::new(email.as_str().to_owned()),
                name: Personal::new(name.as_str().to_owned()),
                login_type,
                status,
                roles,
                hashed_password,
            }))
        }
        command => state.live().ok_or(Error::NotFound)?.decide(command),
    }
}

impl User {
    fn decide(&self, command: Command) -> Result<Option<Event>, Error> {
        match command {
            Command::CreateUser { .. } => Err(Error::AlreadyExists),
            Command::ActivateUser => {
                Ok((self.status != Status::Active).then_some(Event::UserActivated {}))
            }
            Command::WakeUser => match self.status {
                Status::Active => Ok(None),
                Status::Dormant => Ok(Some(Event::UserActivated {})),
                Status::Suspended => Err(Error::Suspended),
            },
            Command::RequireUser => Ok(None),
            Command::SuspendUser => match self.status {
                Status::Suspended => Ok(None),
                _ if self.roles.iter().any(|role| role == OWNER) => Err(Error::OwnerNotSuspendable),
                _ => Ok(Some(Event::UserSuspended {
                    ends_credentials: true,
                })),
            },
            Command::ReinstateUser => {
                let suspended = self.status == Status::Suspended;
                Ok(suspended.then_some(Event::UserReinstated {}))
            }
            Command::ChangePassword { hashed_password } => match self.login_type {
                LoginType::Password => Ok(Some(Event::PasswordChanged { hashed_password })),
                _ => Err(Error::PasswordNotAllowed),
            },
            Command::UpdateProfile { username, name } => Ok(self.update_profile(&username, &name)),
            Command::ChangeRoles { roles } => Ok(self.change_roles(roles)),
            Command::SetQuietHoursSchedule { schedule } => {
                let changed = self.quiet_hours_schedule.as_deref() != Some(schedule.as_str());
                Ok(changed.then(|| Event::QuietHoursScheduleSet {
                    schedule: schedule.as_str().to_owned(),
                }))
            }
            Command::DeleteUser => Ok(Some(Event::UserDeleted {
                username: self.username.clone(),
                email: self.email.clone(),
            })),
        }
    }

    fn update_profile(&self, username: &Name, name: &RealName) -> Option<Event> {
        let equal =
            self.username.expose() == username.as_str() && self.name.expose() == name.as_str();
        (!equal).then(|| Event::UserProfileUpdated {
            username: Personal::new(username.as_str().to_owned()),
            previous_username: self.username.clone(),
            name: Personal::new(name.as_str().to_owned()),
        })
    }

    fn change_roles(&self, mut roles: Vec<String>) -> Option<Event> {
        roles.sort_unstable();
        roles.dedup();
        let mut present = self.roles.clone();
        present.sort_unstable();
        (present != roles).then_some(Event::UserRolesChanged { roles })
    }
}
