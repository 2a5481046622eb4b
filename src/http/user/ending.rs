//! The end of what a user has handed out: after a change of the password, and with the user itself.
//!
//! The user's own event is what ends the keys: from its position on the credential look-up refuses every older key of the user,
//! those among them that are being made at the same moment. It is recorded together with the end of the user's OAuth2 grants
//! (and memberships). The keys' own ends follow, a few hundred at a time, so that their names are free and the trail shows them.

use chancery_aggregates::api_key::{self, ApiKey, Command as KeyCommand, DeletionReason};
use chancery_aggregates::oauth2_grant::{Command as GrantCommand, OAuth2Grant, RevocationReason};
use chancery_aggregates::organization_member::{
    self, Command as MemberCommand, Error as MemberError, OrganizationMember,
};
use chancery_aggregates::user::{Command, User};
use chancery_ledger::{AppendError, ExecuteError, Position, UnitOfWork};
use chancery_projections::{ProjectionName, oauth2_grant};
use sqlx::PgPool;
use uuid::Uuid;

use super::changed;
use crate::http::organization_member::leave_groups;
use crate::http::{ApiError, AppState, RequestFacts, Session};
use crate::policy::Permit;

/// Most streams that are ended in one append.
const AT_ONCE: i64 = 200;
/// How often a unit is decided anew when one of its streams changed in between.
const ATTEMPTS: u32 = 5;

/// What ends.
pub struct Ending {
    /// Whose.
    pub user_id: Uuid,
    /// What ends it.
    pub command: Command,
    /// The organizations that the user leaves.
    pub leaves: Vec<Uuid>,
    /// Why keys end.
    pub key: DeletionReason,
    /// Why grants end.
    pub grant: RevocationReason,
}

/// One who ends something.
pub struct Ender<'a> {
    /// The server.
    pub state: &'a AppState,
    /// Who asks.
    pub session: &'a Session,
    /// The request.
    pub facts: &'a RequestFacts,
    /// Leave to do so.
    pub permit: &'a Permit,
}

impl Ender<'_> {
    /// Carries the command out and ends all that the user has handed out. Returns when nothing of it is good any more.
    pub async fn end(&self, ending: &Ending) -> Result<(), ApiError> {
        let mut position = self.begin(ending).await?;
        // What was granted until here with a session that is over now, while this was being recorded, ends as well.
        let ended = self.state.clock.now();
        loop {
            for projection in [
                ProjectionName::USER,
                ProjectionName::ORGANIZATION,
                ProjectionName::API_KEY,
                ProjectionName::OAUTH2_GRANT,
            ] {
                self.state.wait_for(projection, position).await?;
            }
            let pool = self.state.projections.pool();
            let keys =
                chancery_projections::api_key::refused_ids(pool, ending.user_id, AT_ONCE).await?;
            let grants = oauth2_grant::live_ids_until(pool, ending.user_id, ended, AT_ONCE).await?;
            if keys.is_empty() && grants.is_empty() {
                return Ok(());
            }
            position = self.finish(ending, &keys, &grants).await?;
            if position.is_none() {
                // Another request ended the same ones.
                return Ok(());
            }
        }
    }

    /// The command, with the first of the grants and the memberships.
    async fn begin(&self, ending: &Ending) -> Result<Option<Position>, ApiError> {
        let pool = self.state.projections.pool();
        let now = self.state.clock.now();
        let mut attempt = 1;
        loop {
            let grants = oauth2_grant::live_ids_until(pool, ending.user_id, now, AT_ONCE).await?;
            let mut unit = self.unit();
            unit.execute::<User>(&ending.user_id.to_string(), ending.command.clone())
                .await
                .map_err(|error| ApiError::of_execute(error, changed::refused))?;
            for organization_id in &ending.leaves {
                leave(&mut unit, pool, *organization_id, ending.user_id).await?;
            }
            revoke(&mut unit, &grants, ending.grant).await?;
            match unit.commit().await {
                Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome.map_err(|error| ApiError::of_append(&error)),
            }
        }
    }

    async fn finish(
        &self,
        ending: &Ending,
        keys: &[String],
        grants: &[String],
    ) -> Result<Option<Position>, ApiError> {
        let mut attempt = 1;
        loop {
            let mut unit = self.unit();
            for id in keys {
                let command = KeyCommand::DeleteApiKey { reason: ending.key };
                match unit.execute::<ApiKey>(id, command).await {
                    Ok(_) | Err(ExecuteError::Refused(api_key::Error::NotFound)) => {}
                    Err(error) => {
                        return Err(ApiError::of_execute(error, |refused| {
                            ApiError::internal(&refused)
                        }));
                    }
                }
            }
            revoke(&mut unit, grants, ending.grant).await?;
            match unit.commit().await {
                Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome.map_err(|error| ApiError::of_append(&error)),
            }
        }
    }

    fn unit(&self) -> UnitOfWork {
        let context = self.facts.command(self.state, &self.session.actor());
        self.state.commands(self.permit).unit_of_work(&context)
    }
}

/// Takes the user out of an organization and its groups; one that it has left already counts as left.
async fn leave(
    unit: &mut UnitOfWork,
    pool: &PgPool,
    organization_id: Uuid,
    user_id: Uuid,
) -> Result<(), ApiError> {
    leave_groups(unit, pool, organization_id, user_id).await?;
    let id = organization_member::stream_id(organization_id, user_id);
    let command = MemberCommand::RemoveOrganizationMember {
        organization_id,
        user_id,
    };
    match unit.execute::<OrganizationMember>(&id, command).await {
        Ok(_) | Err(ExecuteError::Refused(MemberError::NotMember)) => Ok(()),
        Err(error) => Err(ApiError::of_execute(error, |refused| {
            ApiError::internal(&refused)
        })),
    }
}

async fn revoke(
    unit: &mut UnitOfWork,
    grants: &[String],
    reason: RevocationReason,
) -> Result<(), ApiError> {
    for id in grants {
        unit.execute::<OAuth2Grant>(id, GrantCommand::Revoke { reason })
            .await
            .map_err(|error| ApiError::of_execute(error, |refused| ApiError::internal(&refused)))?;
    }
    Ok(())
}
