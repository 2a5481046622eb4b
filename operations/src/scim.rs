//! Provisioning by SCIM with the deployment's key (docs/contract/scim.md 1 and 2).

use chancery_aggregates::user::UserId;
use chancery_projections::user::{UserRef, find as find_user};

pub use crate::user::{ProvisionedUser, User};

use crate::author::Author;
use crate::failure::Failure;
use crate::secret::{ExposeSecret as _, Secret, equal};
use crate::user::{self, reinstate, suspend_provisioned};
use crate::{Actor, Guest, Services};

/// One who has shown the deployment's key, on one request.
#[derive(Clone)]
pub struct Provisioner(Author);

/// Whether the deployment has a key.
pub fn is_enabled(services: &Services) -> bool {
    services.settings().scim_key.is_some()
}

/// Whoever shows the deployment's key; None: it is another.
pub fn authenticate(guest: &Guest, shown: &Secret) -> Option<Provisioner> {
    let key = guest.services().settings().scim_key.as_ref()?;
    let is_right = equal(key.expose_secret(), shown.expose_secret());
    is_right.then(|| Provisioner(guest.as_actor(Actor::scim())))
}

/// Makes a user, or finds the one of that e-mail address or user name, whose suspension ends if it is sent as active.
pub async fn provision(
    provisioner: &Provisioner,
    email: &str,
    username: &str,
    is_active: bool,
) -> Result<ProvisionedUser, Failure> {
    user::provision(&provisioner.0, email, username, is_active).await
}

/// A user.
pub async fn find(provisioner: &Provisioner, id: UserId) -> Result<User, Failure> {
    let found = find_user(provisioner.0.services.pool(), UserRef::Id(id)).await?;
    found.ok_or(Failure::NotFound)
}

/// Suspends a user, or ends its suspension.
pub async fn set_active(
    provisioner: &Provisioner,
    user: &User,
    is_active: bool,
) -> Result<(), Failure> {
    if is_active {
        reinstate(&provisioner.0, user.id).await
    } else {
        suspend_provisioned(&provisioner.0, user.id).await
    }
}
