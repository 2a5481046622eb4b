//! The names of a user.

use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::user::Command;

use super::thing::Person;
use super::{User, find};
use crate::Caller;
use crate::failure::{Failure, InvalidField, Refused};
use crate::policy::Action;

/// What a user is called.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    pub username: String,
    /// The person's name; may be empty.
    pub name: String,
}

/// Replaces the names of a user.
pub async fn update_profile(
    caller: &Caller,
    user: &User,
    profile: Profile,
) -> Result<User, Failure> {
    let person = Person(user.id);
    let leave = caller.may(Action::Update, &person)?;
    let username = Name::username(&profile.username);
    let name = RealName::parse(&profile.name);
    let invalid = InvalidField::all([
        ("username", username.as_ref().err()),
        ("name", name.as_ref().err()),
    ]);
    let (Ok(username), Ok(name)) = (username, name) else {
        return Err(Failure::invalid(invalid));
    };
    leave
        .record(Command::UpdateProfile { username, name })
        .await
        .map_err(|failure| failure.or_taken(|_| taken()))?;
    find::changed(caller, user.id).await
}

fn taken() -> Refused {
    Refused::taken(
        "A user with this username already exists.",
        "username",
        "This value is already in use and should be unique.",
    )
}
