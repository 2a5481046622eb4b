//! Provisioner daemons (`docs/contract/provisioners.md` 4): who comes in, who is there.

mod admit;
mod list;
mod presence;
mod session;

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::provisioner_daemon::{self, Command, ProvisionerDaemonId};
use chancery_projections::registry::Shown;

pub use admit::{Admitted, Asked, admit};
pub use list::{DaemonFilter, KeyDaemons, ShownDaemon, Status, list, list_by_key};
pub(crate) use presence::Presence;
pub use session::Session;

use crate::leave::Thing;
use crate::policy::{Action, OrganizationPart, Resource};

/// A daemon with its id, and when it first came.
pub type ProvisionerDaemon = Shown<provisioner_daemon::ProvisionerDaemon, ProvisionerDaemonId>;

/// A daemon, as leave to come in names it.
struct OneDaemon {
    id: ProvisionerDaemonId,
    organization_id: OrganizationId,
    /// Whether it does jobs of one user alone.
    is_of_a_user: bool,
}

impl Thing for OneDaemon {
    type Noun = provisioner_daemon::ProvisionerDaemon;

    fn resource(&self) -> Resource {
        daemons_of(self.organization_id, self.is_of_a_user)
    }

    fn stream_id(&self) -> String {
        self.id.to_string()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::ConnectProvisionerDaemon { .. } => Action::Create,
            Command::DisconnectProvisionerDaemon { .. } => Action::Update,
            Command::DeleteProvisionerDaemon { .. } => Action::Delete,
        })
    }
}

fn daemons_of(organization_id: OrganizationId, is_of_a_user: bool) -> Resource {
    Resource::Organization {
        id: organization_id,
        part: OrganizationPart::ProvisionerDaemons { is_of_a_user },
    }
}
