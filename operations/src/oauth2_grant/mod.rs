//! OAuth2 grants: codes and tokens that a user lets an app have (docs/contract/oauth2.md 4, 7 and 12).

mod exchange;
mod given;
mod introspect;
mod issue;
mod refresh;
mod revoke;
mod revoke_all;
#[cfg(test)]
mod tests;
mod token_request;

use chancery_aggregates::oauth2_grant::{Command, OAuth2Grant};
use chancery_aggregates::user::UserId;

pub use exchange::{CodeShown, exchange};
pub use given::{GivenGrant, list_given, withdraw, withdraw_all};
pub use introspect::{Worth, introspect};
pub use issue::{ConsentedRequest, issue};
pub use refresh::{RefreshTokenShown, refresh};
pub use revoke::{RevokedToken, revoke};
pub use revoke_all::revoke_all;
pub use token_request::{Refused, TokenFailure, Tokens};

use crate::leave::Thing;
use crate::policy::{Action, Resource};

/// A grant, as leave to issue, use or end it names it.
struct Grant {
    id: String,
    /// Whose it is; nobody's for an app that shows a code or token, which proves enough.
    user_id: UserId,
}

impl Grant {
    /// The grant that an app's code or token is of.
    fn shown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            user_id: UserId::default(),
        }
    }
}

impl Thing for Grant {
    type Noun = OAuth2Grant;

    fn resource(&self) -> Resource {
        let user_id = self.user_id;
        Resource::OAuth2Grant { user_id }
    }

    fn stream_id(&self) -> String {
        self.id.clone()
    }

    fn action_of(command: &Command) -> Option<Action> {
        Some(match command {
            Command::IssueCode(_) => Action::Create,
            Command::Exchange(_) | Command::Refresh(_) | Command::Refuse { .. } => Action::Update,
            Command::Revoke { .. } => Action::Delete,
        })
    }
}
