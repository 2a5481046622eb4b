mod state;

use chancery_noun::Stream;
use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::*;
use crate::email::Email;
use crate::name::{Name, RealName};
use crate::quiet_hours::QuietHoursSchedule;

fn given(events: Vec<Event>) -> AggregateTestExecutor<Stream<User>> {
    TestFramework::with(()).given(events)
}

fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id${text}")).unwrap()
}

fn create(login_type: LoginType, hashed_password: Option<PasswordHash>) -> Command {
    Command::CreateUser {
        username: Name::username("Ada").unwrap(),
        email: Email::parse("Ada@Example.org").unwrap(),
        name: RealName::parse("Ada Lovelace").unwrap(),
        login_type,
        status: Status::Dormant,
        roles: vec!["owner".to_owned()],
        hashed_password,
    }
}

fn created(login_type: LoginType, status: Status) -> Event {
    Event::UserCreated {
        username: "Ada".to_owned().into(),
        email: "Ada@Example.org".to_owned().into(),
        name: "Ada Lovelace".to_owned().into(),
        login_type,
        status,
        roles: vec!["owner".to_owned()],
        hashed_password: (login_type == LoginType::Password).then(|| hash("1")),
    }
}

/// A user without roles.
fn plain(status: Status) -> Event {
    let Event::UserCreated {
        username,
        email,
        name,
        login_type,
        hashed_password,
        ..
    } = created(LoginType::Password, status)
    else {
        unreachable!("a creation");
    };
    Event::UserCreated {
        username,
        email,
        name,
        login_type,
        status,
        roles: vec![],
        hashed_password,
    }
}

fn suspended() -> Event {
    Event::UserSuspended {
        ends_credentials: true,
    }
}

fn profile(username: &str, name: &str) -> Command {
    Command::UpdateProfile {
        username: Name::username(username).unwrap(),
        name: RealName::parse(name).unwrap(),
    }
}

fn profile_updated(previous: &str, username: &str, name: &str) -> Event {
    Event::UserProfileUpdated {
        username: username.to_owned().into(),
        previous_username: previous.to_owned().into(),
        name: name.to_owned().into(),
    }
}

#[test]
fn a_user_is_created_once() {
    let expected = created(LoginType::Password, Status::Dormant);
    given(vec![])
        .when(create(LoginType::Password, Some(hash("1"))))
        .then_expect_events(vec![expected.clone()]);
    given(vec![expected])
        .when(create(LoginType::Password, Some(hash("1"))))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_password_belongs_to_login_type_password_alone() {
    given(vec![])
        .when(create(LoginType::Password, None))
        .then_expect_error(Error::PasswordMissing);
    given(vec![])
        .when(create(LoginType::Oidc, Some(hash("1"))))
        .then_expect_error(Error::PasswordNotAllowed);
    given(vec![])
        .when(create(LoginType::Oidc, None))
        .then_expect_events(vec![created(LoginType::Oidc, Status::Dormant)]);
}

#[test]
fn a_user_who_is_not_active_is_activated() {
    for status in [Status::Dormant, Status::Suspended] {
        given(vec![created(LoginType::Password, status)])
            .when(Command::ActivateUser)
            .then_expect_events(vec![Event::UserActivated {}]);
    }
}

#[test]
fn activating_an_active_user_records_nothing() {
    given(vec![
        created(LoginType::Password, Status::Dormant),
        Event::UserActivated {},
    ])
    .when(Command::ActivateUser)
    .then_expect_events(vec![]);
}

#[test]
fn only_a_user_with_a_password_changes_it() {
    let change = Command::ChangePassword {
        hashed_password: hash("2"),
    };
    given(vec![created(LoginType::Password, Status::Active)])
        .when(change.clone())
        .then_expect_events(vec![Event::PasswordChanged {
            hashed_password: hash("2"),
        }]);
    given(vec![created(LoginType::Github, Status::Active)])
        .when(change)
        .then_expect_error(Error::PasswordNotAllowed);
}

#[test]
fn a_login_wakes_a_dormant_user_and_never_a_suspended_one() {
    given(vec![created(LoginType::Password, Status::Dormant)])
        .when(Command::WakeUser)
        .then_expect_events(vec![Event::UserActivated {}]);
    given(vec![created(LoginType::Password, Status::Active)])
        .when(Command::WakeUser)
        .then_expect_events(vec![]);
    given(vec![created(LoginType::Password, Status::Suspended)])
        .when(Command::WakeUser)
        .then_expect_error(Error::Suspended);
}

#[test]
fn to_require_a_user_changes_nothing_whatever_its_status() {
    for status in [Status::Active, Status::Dormant, Status::Suspended] {
        given(vec![created(LoginType::Password, status)])
            .when(Command::RequireUser)
            .then_expect_events(vec![]);
    }
}

#[test]
fn a_user_is_suspended_once_and_activated_again() {
    let member = plain(Status::Active);
    given(vec![member.clone()])
        .when(Command::SuspendUser)
        .then_expect_events(vec![suspended()]);
    given(vec![member.clone(), suspended()])
        .when(Command::SuspendUser)
        .then_expect_events(vec![]);
    given(vec![member, suspended()])
        .when(Command::ActivateUser)
        .then_expect_events(vec![Event::UserActivated {}]);
}

#[test]
fn an_owner_is_not_suspended_until_the_role_is_gone() {
    let owner = created(LoginType::Password, Status::Active);
    given(vec![owner.clone()])
        .when(Command::SuspendUser)
        .then_expect_error(Error::OwnerNotSuspendable);
    given(vec![owner, Event::UserRolesChanged { roles: vec![] }])
        .when(Command::SuspendUser)
        .then_expect_events(vec![suspended()]);
}

#[test]
fn a_profile_is_replaced_and_an_equal_one_records_nothing() {
    let member = plain(Status::Active);
    given(vec![member.clone()])
        .when(profile("Ada", "Ada King"))
        .then_expect_events(vec![profile_updated("Ada", "Ada", "Ada King")]);
    given(vec![member.clone()])
        .when(profile("Ada", "Ada Lovelace"))
        .then_expect_events(vec![]);
    given(vec![member, profile_updated("Ada", "countess", "")])
        .when(profile("Ada", "Ada Lovelace"))
        .then_expect_events(vec![profile_updated("countess", "Ada", "Ada Lovelace")]);
}

#[test]
fn roles_are_replaced_in_order_and_once_each() {
    let changed = Event::UserRolesChanged {
        roles: vec!["auditor".to_owned(), "user-admin".to_owned()],
    };
    let change = |roles: &[&str]| Command::ChangeRoles {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    let member = plain(Status::Active);
    given(vec![member.clone()])
        .when(change(&["user-admin", "auditor", "auditor"]))
        .then_expect_events(vec![changed.clone()]);
    given(vec![member, changed])
        .when(change(&["user-admin", "auditor"]))
        .then_expect_events(vec![]);
}

#[test]
fn a_quiet_hours_schedule_is_set_and_an_equal_one_records_nothing() {
    let schedule = QuietHoursSchedule::parse("CRON_TZ=Europe/Berlin 0 22 * * *").unwrap();
    let set = Command::SetQuietHoursSchedule { schedule };
    let event = Event::QuietHoursScheduleSet {
        schedule: "CRON_TZ=Europe/Berlin 0 22 * * *".to_owned(),
    };
    given(vec![plain(Status::Active)])
        .when(set.clone())
        .then_expect_events(vec![event.clone()]);
    given(vec![plain(Status::Active), event])
        .when(set)
        .then_expect_events(vec![]);
}

#[test]
fn a_deleted_user_gives_up_the_names_it_had_last_and_is_gone_for_good() {
    let deleted = Event::UserDeleted {
        username: "countess".to_owned().into(),
        email: "Ada@Example.org".to_owned().into(),
    };
    let past = vec![
        plain(Status::Active),
        profile_updated("Ada", "countess", ""),
    ];
    given(past.clone())
        .when(Command::DeleteUser)
        .then_expect_events(vec![deleted.clone()]);
    let past = [past, vec![deleted]].concat();
    given(past.clone())
        .when(Command::DeleteUser)
        .then_expect_error(Error::NotFound);
    given(past)
        .when(create(LoginType::Password, Some(hash("1"))))
        .then_expect_error(Error::AlreadyExists);
}

#[test]
fn a_user_who_does_not_exist_is_not_found() {
    for command in [
        Command::ActivateUser,
        Command::WakeUser,
        Command::RequireUser,
        Command::SuspendUser,
        Command::ReinstateUser,
        Command::ChangePassword {
            hashed_password: hash("2"),
        },
        profile("Ada", ""),
        Command::ChangeRoles { roles: vec![] },
        Command::DeleteUser,
    ] {
        given(vec![])
            .when(command)
            .then_expect_error(Error::NotFound);
    }
}
