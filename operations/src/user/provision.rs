//! Users that an identity provider makes, suspends and reinstates.

use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::user::{Command, Status, UserId, email_key};
use chancery_projections::user::{self, UserRef};

use super::User;
use super::begin::begin;
use super::end::Ending;
use super::thing::{Account, Unborn};
use crate::author::Author;
use crate::failure::{Failure, InvalidField, Refused};
use crate::leave::Leave;
use crate::policy::{Action, PublicOperation};
use crate::{Services, idp_sync};

/// How often a name or an address may turn out to be taken.
const ATTEMPTS: usize = 10;
/// Characters that tell a user apart from another of the same name.
const SUFFIX: usize = 5;

/// A user as an identity provider knows it.
#[derive(Clone, Debug)]
pub struct ProvisionedUser {
    /// The user's id.
    pub id: UserId,
    /// The user name.
    pub username: String,
}

/// The user of this e-mail address or user name, whose suspension ends if it `is_active`; or else a new one, dormant, which signs
/// in with the identity provider.
pub(crate) async fn provision(
    author: &Author,
    email: &str,
    username: &str,
    is_active: bool,
) -> Result<ProvisionedUser, Failure> {
    let email = Email::parse(email).map_err(|invalid| {
        Failure::invalid(vec![InvalidField::new("email", invalid.to_string())])
    })?;
    let services = &author.services;
    let sent = Some(username).filter(|username| !username.is_empty());
    let base = Name::username_of(sent.unwrap_or(email.as_str()));
    let mut name = base.clone().map_or_else(|| unlike_any(services), Ok)?;
    for _ in 0..ATTEMPTS {
        if let Some(user) = known(services, &email, sent).await? {
            if is_active {
                reinstate(author, user.id).await?;
            }
            let (id, username) = (user.id, user.username);
            return Ok(ProvisionedUser { id, username });
        }
        match make(author, &email, &name).await {
            // Another request makes this user.
            Err(Failure::KeyTaken(key)) if key.starts_with(&email_key("")) => {
                services.wait_until_present_shows(&["user"]).await?;
            }
            Err(Failure::KeyTaken(_)) => {
                let like = base
                    .as_ref()
                    .map(|base| base.with_suffix(&suffix(services)));
                name = match like {
                    Some(Ok(name)) => name,
                    Some(Err(_)) | None => unlike_any(services)?,
                };
            }
            made => return made,
        }
    }
    let text = format!(
        "exhausted alternatives for taken username {:?}",
        name.as_str()
    );
    Err(Refused::taken(text.clone(), "username", text).into())
}

async fn known(
    services: &Services,
    email: &Email,
    username: Option<&str>,
) -> Result<Option<User>, Failure> {
    let by_email = user::find(services.pool(), UserRef::Email(email.as_str())).await?;
    Ok(match (by_email, username) {
        (None, Some(username)) => user::find(services.pool(), UserRef::Username(username)).await?,
        (by_email, _) => by_email,
    })
}

async fn make(author: &Author, email: &Email, name: &Name) -> Result<ProvisionedUser, Failure> {
    let services = &author.services;
    let id = services.randomness().id_at(services.clock().now());
    let assigned = idp_sync::organizations(services).await?.assign_default;
    let default = services.deployment().default_organization_id;
    let organization_ids = &Vec::from_iter(assigned.then_some(default));
    let command = &Command::CreateUser {
        username: name.clone(),
        email: email.clone(),
        name: RealName::default(),
        login_type: LoginType::Oidc,
        status: Status::Dormant,
        roles: Vec::new(),
        hashed_password: None,
    };
    let user = Unborn(id);
    let operation = PublicOperation::Provisioning;
    Leave::public(operation, author.clone(), Action::Create, &user)
        .unit(|mut unit| async move {
            begin(&mut unit, id, command.clone(), organization_ids).await?;
            unit.done(())
        })
        .await?;
    let username = name.as_str().to_owned();
    Ok(ProvisionedUser { id, username })
}

fn suffix(services: &Services) -> String {
    services.randomness().alphanumeric(SUFFIX).to_lowercase()
}

/// A name for whom none can be made.
fn unlike_any(services: &Services) -> Result<Name, Failure> {
    let name = Name::username(&format!("user-{}", suffix(services)));
    name.map_err(|error| Failure::internal(&error))
}

/// Suspends a user, and ends all that was handed out to it.
pub(crate) async fn suspend(author: &Author, user_id: UserId) -> Result<(), Failure> {
    let account = Account(user_id);
    let operation = PublicOperation::Provisioning;
    let leave = Leave::public(operation, author.clone(), Action::Update, &account);
    Ending::suspension(&leave, user_id).run().await
}

/// Ends a user's suspension: it may sign in again.
pub(crate) async fn reinstate(author: &Author, user_id: UserId) -> Result<(), Failure> {
    let account = Account(user_id);
    let operation = PublicOperation::Provisioning;
    let leave = Leave::public(operation, author.clone(), Action::Update, &account);
    let command = Command::ReinstateUser;
    Ending::of_suspension(&leave, user_id, command).run().await
}
