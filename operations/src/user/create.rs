//! Making a user.

use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::{Command, Status, email_key};
use chancery_projections::user::{self, UserRef};

use super::User;
use super::begin::{Names, begin, check_strength, hash};
use super::thing::Unborn;
use crate::failure::{Failure, InvalidField, Refused};
use crate::organization::Organization;
use crate::policy::{Action, Role};
use crate::secret::{ExposeSecret as _, Secret};
use crate::{Caller, Services};

/// The user to be made.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// The e-mail address, with which the user signs in.
    pub email: String,
    /// The user name: 1 to 32 letters and digits, with single hyphens between.
    pub username: String,
    /// The person's name; may be empty.
    pub name: String,
    /// For login type `password`, and for it alone.
    pub password: Secret,
    /// `password` (as when it is empty) or `none`.
    pub login_type: String,
    /// The older way to say login type `none`.
    pub disable_login: bool,
    /// `dormant` (as when it is empty), `active` or `suspended`.
    pub status: String,
    /// The organizations that the user belongs to from the beginning: at least one.
    pub organization_ids: Vec<OrganizationId>,
}

/// Makes a user and its memberships, all or nothing.
pub async fn create(caller: &Caller, new: NewUser) -> Result<User, Failure> {
    let services = caller.services();
    let id = services.randomness().id_at(services.clock().now());
    let user = Unborn(id);
    let leave = caller
        .may(Action::Create, &user)
        .map_err(|failure| failure.saying("You are not authorized to create users."))?;
    let (command, organization_ids) = &new.into_command(services, &[]).await?;
    leave
        .unit(|mut unit| async move {
            begin(&mut unit, id, command.clone(), organization_ids).await?;
            unit.done(())
        })
        .await
        .map_err(|failure| failure.or_taken(taken))?;
    let created = user::find(services.pool(), UserRef::Id(id)).await?;
    created.ok_or(Failure::NotFound)
}

struct Checked {
    names: Names,
    login_type: LoginType,
    status: Status,
    password: Option<Secret>,
}

impl NewUser {
    /// What makes the user, with these site roles, once everything is checked; and its organizations, each once.
    pub(super) async fn into_command(
        self,
        services: &Services,
        roles: &[Role],
    ) -> Result<(Command, Vec<OrganizationId>), Failure> {
        let mut organization_ids = self.organization_ids.clone();
        organization_ids.sort_unstable();
        organization_ids.dedup();
        let checked = self.check(&organization_ids)?;
        if let Some(password) = &checked.password {
            check_strength(services, password, checked.names.called()).await?;
        }
        check_organizations(services, &organization_ids).await?;
        let command = checked.into_command(services, roles).await?;
        Ok((command, organization_ids))
    }

    fn check(self, organization_ids: &[OrganizationId]) -> Result<Checked, Failure> {
        let status = match self.status.as_str() {
            "" => Some(Status::Dormant),
            text => text.parse().ok(),
        };
        let unknown = || InvalidField::not_one_of("user_status", &self.status);
        let others = status.is_none().then(unknown).into_iter().collect();
        let names = Names::check(&self.email, &self.username, &self.name, others)?;
        if organization_ids.is_empty() {
            let field =
                InvalidField::new("organization_ids", "At least one organization is required.");
            let text = "No organizations specified. At least one organization is required.";
            return Err(Refused::fields("organization_ids", text, vec![field]).into());
        }
        let login_type = match self.login_type.as_str() {
            "" if self.disable_login => LoginType::None.as_str(),
            given => given,
        };
        if self.disable_login && login_type != LoginType::None.as_str() {
            let text = format!("Login cannot be disabled for login type \"{login_type}\".");
            return Err(Refused::invalid("disable_login", text).into());
        }
        let (login_type, password) = check_login(login_type, self.password)?;
        Ok(Checked {
            names,
            login_type,
            status: status.unwrap_or(Status::Dormant),
            password,
        })
    }
}

/// The login type and what goes with it (docs/contract/core.md 4).
fn check_login(login_type: &str, password: Secret) -> Result<(LoginType, Option<Secret>), Failure> {
    let refuse = |text: String| Err(Refused::invalid("login_type", text).into());
    let known = match login_type {
        "" => Some(LoginType::Password),
        text => text.parse().ok(),
    };
    match known {
        Some(LoginType::Password) => Ok((LoginType::Password, Some(password))),
        Some(other) if !password.expose_secret().is_empty() => {
            let text = format!(
                "Password cannot be set for non-password (\"{}\") authentication.",
                other.as_str()
            );
            Err(Refused::invalid("password", text).into())
        }
        Some(LoginType::None) => Ok((LoginType::None, None)),
        Some(LoginType::Oidc) => {
            refuse("You must configure OIDC before creating OIDC users.".to_owned())
        }
        Some(LoginType::Github) => {
            refuse("You must configure GitHub before creating GitHub users.".to_owned())
        }
        Some(LoginType::Token | LoginType::OAuth2ProviderApp) | None => refuse(format!(
            "Unsupported login type \"{login_type}\" for manually creating new users."
        )),
    }
}

impl Checked {
    async fn into_command(self, services: &Services, roles: &[Role]) -> Result<Command, Failure> {
        let hashed_password = match self.password {
            Some(password) => Some(hash(services, password).await?),
            None => None,
        };
        Ok(Command::CreateUser {
            username: self.names.username,
            email: self.names.email,
            name: self.names.name,
            login_type: self.login_type,
            status: self.status,
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            hashed_password,
        })
    }
}

async fn check_organizations(services: &Services, ids: &[OrganizationId]) -> Result<(), Failure> {
    let found: Vec<Organization> = services.view(None).get_many(ids).await?;
    for id in ids {
        if found.iter().all(|organization| organization.id != *id) {
            let text = format!("Organization does not exist with the provided id \"{id}\".");
            let refused = Refused::not_found(text.clone());
            return Err(refused.with_field("organization_ids", text).into());
        }
    }
    Ok(())
}

pub(super) fn taken(key: &str) -> Refused {
    let field = if key.starts_with(&email_key("")) {
        "email"
    } else {
        "username"
    };
    let detail = "This value is already in use and should be unique.";
    Refused::taken("User already exists.", field, detail)
}
