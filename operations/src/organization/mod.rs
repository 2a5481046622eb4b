//! Organizations (docs/contract/core.md 5).

mod create;
mod delete;
mod find;
mod form;
mod found;
mod list;
mod update;

use chancery_aggregates::organization::{self, Command};
use uuid::Uuid;

pub use chancery_projections::organization::Organization;
pub use create::create;
pub use delete::delete;
pub use find::{find, get};
pub use form::OrganizationForm;
pub(crate) use found::found;
pub use list::{list, list_of_user};
pub use update::update;

use crate::failure::Refused;
use crate::leave::Thing;
use crate::policy::{Action, OrganizationPart, Resource};

/// An organization to be made.
struct Unfounded(Uuid);

impl Thing for Unfounded {
    type Noun = organization::Organization;

    fn resource(&self) -> Resource {
        Resource::Organizations
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::CreateOrganization(_) => Some(Action::Create),
            Command::UpdateOrganization(_) | Command::DeleteOrganization => None,
        }
    }
}

/// An organization, as leave to change or delete it names it.
struct Founded(Uuid);

impl Thing for Founded {
    type Noun = organization::Organization;

    fn resource(&self) -> Resource {
        Resource::Organization {
            id: self.0,
            part: OrganizationPart::Profile,
        }
    }

    fn stream_id(&self) -> String {
        self.0.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        match command {
            Command::UpdateOrganization(_) => Some(Action::Update),
            Command::DeleteOrganization => Some(Action::Delete),
            Command::CreateOrganization(_) => None,
        }
    }
}

fn name_taken() -> Refused {
    Refused::taken(
        "Organization already exists with that name.",
        "name",
        "This value is already in use and should be unique.",
    )
}
