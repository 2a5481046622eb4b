//! What a daemon shows to enter.

use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::organization::Organization;
use chancery_aggregates::provisioner_key::{self, secret_key};

use super::{LENGTH, ProvisionerKey};
use crate::Guest;
use crate::authenticate::Unauthenticated;
use crate::failure::{Failure, Refused};
use crate::secret::{ExposeSecret as _, Secret};

/// What a request shows.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// The text of a key.
    pub key: Option<Secret>,
    /// A text that the deployment shares with its daemons. This one shares none.
    pub psk: Option<Secret>,
}

/// The key that a daemon shows, as the log has it now.
pub async fn of_daemon(guest: &Guest, presented: &Presented) -> Result<ProvisionerKey, Failure> {
    let text = match (&presented.key, &presented.psk) {
        (Some(key), None) => key.expose_secret(),
        (Some(_), Some(_)) => {
            let message = "provisioner daemon key and psk provided, but only one is allowed";
            return Err(Refused::impossible(message).into());
        }
        (None, Some(_)) => return Err(Unauthenticated::WrongProvisionerPsk.into()),
        (None, None) => return Err(Unauthenticated::NoProvisionerKey.into()),
    };
    if text.chars().count() != LENGTH {
        let refused = Refused::impossible(Unauthenticated::WrongProvisionerKey.to_string());
        return Err(refused
            .with_detail(format!("must be {LENGTH} characters"))
            .into());
    }
    let wrong = || Failure::from(Unauthenticated::WrongProvisionerKey);
    let now = guest.services().ledger().now().await?;
    let holder = now.holder(&secret_key(&HashedSecret::of(text))).await?;
    let id = holder.ok_or_else(wrong)?.aggregate_id;
    let seen = now.state::<provisioner_key::ProvisionerKey>(&id).await?;
    let thing = seen.state.life.live().cloned().ok_or_else(wrong)?;
    let organization_id = thing.organization_id.to_string();
    let organization = now.state::<Organization>(&organization_id).await?;
    organization.state.life.live().ok_or_else(wrong)?;
    Ok(ProvisionerKey {
        id: id.parse().map_err(|_| wrong())?,
        thing,
        created_at: seen.state.created_at,
        updated_at: seen.state.updated_at,
    })
}
