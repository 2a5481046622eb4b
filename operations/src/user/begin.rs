//! What every new user begins with.

use chancery_aggregates::email::Email;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::{
    Command as MemberCommand, OrganizationMember, stream_id,
};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::user::{Command, User, UserId};

use crate::Services;
use crate::failure::{Failure, InvalidField, Refused};
use crate::leave::Thing;
use crate::secret::Secret;
use crate::unit::Unit;

/// Records a new user with its memberships.
pub(super) async fn begin<T: Thing>(
    unit: &mut Unit<'_, T>,
    user_id: UserId,
    command: Command,
    organization_ids: &[OrganizationId],
) -> Result<(), Failure> {
    unit.also_new::<User>(&user_id.to_string(), command).await?;
    for organization_id in organization_ids {
        let add = MemberCommand::AddOrganizationMember {
            organization_id: *organization_id,
            user_id,
            roles: Vec::new(),
        };
        unit.also_new::<OrganizationMember>(&stream_id(*organization_id, user_id), add)
            .await?;
    }
    Ok(())
}

/// How a user is called, checked.
pub(super) struct Names {
    pub email: Email,
    pub username: Name,
    pub name: RealName,
}

impl Names {
    /// How the user is called, whichever way.
    pub fn called(&self) -> [&str; 3] {
        let (email, username) = (self.email.as_str(), self.username.as_str());
        [email, username, self.name.as_str()]
    }

    /// Checks the names, together with `others`, which have been found at fault already.
    pub fn check(
        email: &str,
        username: &str,
        name: &str,
        others: Vec<InvalidField>,
    ) -> Result<Self, Failure> {
        let email = Email::parse(email);
        let username = Name::username(username);
        let name = RealName::parse(name);
        let mut invalid = InvalidField::all([
            ("email", email.as_ref().err()),
            ("username", username.as_ref().err()),
            ("name", name.as_ref().err()),
        ]);
        invalid.extend(others);
        match (email, username, name) {
            (Ok(email), Ok(username), Ok(name)) if invalid.is_empty() => Ok(Self {
                email,
                username,
                name,
            }),
            _ => Err(Failure::invalid(invalid)),
        }
    }
}

/// Refuses a password that is easily guessed, the more so by who knows the user's names.
pub(super) async fn check_strength(
    services: &Services,
    password: &Secret,
    names: [&str; 3],
) -> Result<(), Failure> {
    let checked = services.passwords().check(password, names).await?;
    checked.map_err(|weak| {
        let field = InvalidField::new("password", weak.to_string());
        Refused::fields("password", "Password not strong enough!", vec![field]).into()
    })
}

/// Hashes a password.
pub(super) async fn hash(services: &Services, password: Secret) -> Result<PasswordHash, Failure> {
    let hashed = services.passwords().hash(password).await?;
    PasswordHash::from_phc(hashed).map_err(|error| Failure::internal(&error))
}
