//! Making a group.

use chancery_aggregates::group::{Command, Error, QuotaAllowance, Source};
use chancery_aggregates::name::{DisplayName, Name};
use chancery_aggregates::text::FreeText;

use super::{GroupRef, OneGroup, ShownGroup};
use crate::Caller;
use crate::failure::{Failure, InvalidField, Refused};
use crate::organization::Organization;
use crate::policy::{Action, OrganizationPart};

/// The group to be made.
#[derive(Clone, Debug, Default)]
pub struct NewGroup {
    /// The name, unique in the organization.
    pub name: String,
    /// The name shown to people; may be empty.
    pub display_name: String,
    /// Where a picture is; may be empty.
    pub avatar_url: String,
    /// What each member may spend; 0 to 2^31 - 1.
    pub quota_allowance: i64,
}

/// Makes a group in an organization.
pub async fn create(
    caller: &Caller,
    organization: &Organization,
    new: NewGroup,
) -> Result<ShownGroup, Failure> {
    let group = OneGroup {
        id: caller.services().randomness().uuid(),
        organization_id: organization.id,
        part: OrganizationPart::Groups,
    };
    let leave = caller.may(Action::Create, &group)?;
    let recorded = leave.try_record(new.check(organization)?).await;
    match recorded.map_err(|failure| failure.or_taken(|_| taken(&new.name)))? {
        Ok(_) => ShownGroup::find(caller, GroupRef::Id(group.id), None).await,
        Err(reserved @ Error::NameReserved) => {
            let field = InvalidField::new("name", reserved.to_string());
            Err(Refused::fields("name", "Invalid group name.", vec![field]).into())
        }
        Err(refused) => Err(Failure::of_refusal(&refused)),
    }
}

impl NewGroup {
    fn check(&self, organization: &Organization) -> Result<Command, Failure> {
        let name = Name::group(&self.name);
        let display_name = DisplayName::group(&self.display_name);
        let avatar_url = FreeText::parse(&self.avatar_url);
        let quota_allowance = QuotaAllowance::new(self.quota_allowance);
        let invalid = InvalidField::all([
            ("name", name.as_ref().err()),
            ("display_name", display_name.as_ref().err()),
            ("avatar_url", avatar_url.as_ref().err()),
            ("quota_allowance", quota_allowance.as_ref().err()),
        ]);
        match (name, display_name, avatar_url, quota_allowance) {
            (Ok(name), Ok(display_name), Ok(avatar_url), Ok(quota_allowance)) => {
                Ok(Command::CreateGroup {
                    organization_id: organization.id,
                    name,
                    display_name,
                    avatar_url,
                    quota_allowance,
                    source: Source::User,
                })
            }
            _ => Err(Failure::invalid(invalid)),
        }
    }
}

fn taken(name: &str) -> Refused {
    let text = format!("A group named \"{name}\" already exists.");
    Refused::taken(text, "name", "Group names must be unique")
}
