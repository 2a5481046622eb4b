//! The user that owns the deployment, made once.

use chancery_aggregates::deployment::{Command as DeploymentCommand, Error};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::{Command, Status, UserId};

use super::begin::{Names, begin, check_strength, hash};
use crate::author::Author;
use crate::deployment::{TheDeployment, has_first_user};
use crate::failure::{Failure, InvalidField, Refused};
use crate::leave::Leave;
use crate::policy::{Action, PublicOperation, Role};
use crate::secret::{ExposeSecret as _, Secret};
use crate::{Actor, Guest, Services};

/// The user to be made.
#[derive(Clone, Debug, Default)]
pub struct NewFirstUser {
    /// The e-mail address, with which the user signs in.
    pub email: String,
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    pub username: String,
    /// The person's name; may be empty.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// Makes the first user, its membership in the default organization and the claim on the deployment in one append. Returns its id.
pub async fn create_first(guest: &Guest, new: NewFirstUser) -> Result<UserId, Failure> {
    let author = |id, name: &str| guest.as_actor(Actor::user(id, name));
    create(guest.services(), new, author).await
}

/// Makes the first user that the server's settings name, unless there is a first user. The server itself is who made it.
pub async fn ensure_first(services: &Services, new: NewFirstUser) -> Result<(), Failure> {
    if has_first_user(services).await? {
        return Ok(());
    }
    match create(services, new, |_, _| Author::server(services)).await {
        Ok(_) => Ok(()),
        // Another server was first.
        Err(_) if has_first_user(services).await? => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn create(
    services: &Services,
    new: NewFirstUser,
    author: impl FnOnce(UserId, &str) -> Author,
) -> Result<UserId, Failure> {
    // Before anything costly: once the deployment is owned this only says so.
    if has_first_user(services).await? {
        return Err(exists());
    }
    let missing = || InvalidField::required("password");
    let is_missing = new.password.expose_secret().is_empty();
    let others = is_missing.then(missing).into_iter().collect();
    let names = Names::check(&new.email, &new.username, &new.name, others)?;
    check_strength(services, &new.password, names.called()).await?;
    let hashed_password = hash(services, new.password).await?;
    let user_id = services.randomness().id_at(services.clock().now());
    let author = author(user_id, names.username.as_str());
    let organization_ids = &[services.deployment().default_organization_id];
    let command = &Command::CreateUser {
        username: names.username,
        email: names.email,
        name: names.name,
        login_type: LoginType::Password,
        status: Status::Active,
        roles: vec![Role::Owner.name().to_owned()],
        hashed_password: Some(hashed_password),
    };
    let (operation, claim) = (PublicOperation::FirstUser, Action::Update);
    Leave::public(operation, author, claim, &TheDeployment)
        .unit(|mut unit| async move {
            let claim = DeploymentCommand::ClaimFirstUser { user_id };
            match unit.try_record(claim).await? {
                Ok(_) => {}
                Err(Error::FirstUserExists) => return Err(exists()),
                Err(refused) => return Err(Failure::of_refusal(&refused)),
            }
            begin(&mut unit, user_id, command.clone(), organization_ids).await?;
            unit.done(())
        })
        .await?;
    Ok(user_id)
}

fn exists() -> Failure {
    let class = chancery_aggregates::RefusalClass::Taken;
    Refused::new(class, "The initial user has already been created.").into()
}
