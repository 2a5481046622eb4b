//! The end of what a user has handed out: after a change of the password, and with the user itself.
//!
//! The user's own event is what ends the keys: from its position on the credential look-up refuses every older key of the user,
//! those among them that are being made at the same moment. It is recorded together with the end of the user's OAuth2 grants
//! (and memberships). The keys' own ends follow, a few hundred at a time, so that their names are free and the trail shows them.

use chancery_aggregates::api_key::{self, ApiKey, Command as KeyCommand, DeletionReason};
use chancery_aggregates::oauth2_grant::{Command as GrantCommand, OAuth2Grant, RevocationReason};
use chancery_aggregates::organization_member::{
    self, Command as MemberCommand, Error as MemberError, Event as MemberEvent, OrganizationMember,
};
use chancery_aggregates::user::{Command, User};
use chancery_ledger::{AppendError, ExecuteError, Position, UnitOfWork};
use chancery_projections::{ProjectionName, oauth2_grant, organization};
use sqlx::PgPool;
use uuid::Uuid;

use super::changed;
use crate::http::organization_member::leave_groups;
use crate::http::{ApiError, AppState, RequestFacts, Session};
use crate::policy::Permit;

#[cfg(test)]
mod tests;

/// Most streams that are ended in one append.
const AT_ONCE: i64 = 200;
/// Most events that are looked through at once.
const EVENTS_AT_ONCE: usize = 1000;
/// How often a unit is decided anew when one of its streams changed in between.
const ATTEMPTS: u32 = 5;

/// What ends.
pub struct Ending {
    /// Whose.
    pub user_id: Uuid,
    /// What ends it.
    pub command: Command,
    /// Whether the user leaves its organizations.
    pub leaves: bool,
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
        let (mut position, mut joined) = self.begin(ending).await?;
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
            if keys.is_empty() && grants.is_empty() && joined.is_empty() {
                return Ok(());
            }
            position = self.finish(ending, &keys, &grants, &joined).await?;
            joined.clear();
            if position.is_none() {
                // Another request ended the same ones.
                return Ok(());
            }
        }
    }

    /// The command, with the first of the grants and the memberships. Also returns the organizations that the user was added to
    /// while this was being recorded.
    async fn begin(&self, ending: &Ending) -> Result<(Option<Position>, Vec<Uuid>), ApiError> {
        let pool = self.state.projections.pool();
        let now = self.state.clock.now();
        let mut attempt = 1;
        loop {
            let grants = oauth2_grant::live_ids_until(pool, ending.user_id, now, AT_ONCE).await?;
            let seen = self.state.ledger_head();
            let leaves = self.memberships(ending, seen).await?;
            let mut unit = self.unit();
            unit.execute::<User>(&ending.user_id.to_string(), ending.command.clone())
                .await
                .map_err(|error| ApiError::of_execute(error, changed::refused))?;
            for organization_id in leaves {
                leave(&mut unit, pool, organization_id, ending.user_id).await?;
            }
            revoke(&mut unit, &grants, ending.grant).await?;
            match unit.commit().await {
                Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(ApiError::of_append(&error)),
                Ok(position) => {
                    let joined = self.joined(ending, seen, position).await?;
                    return Ok((position, joined));
                }
            }
        }
    }

    /// The organizations that the user leaves, as they are at a position.
    async fn memberships(&self, ending: &Ending, seen: Position) -> Result<Vec<Uuid>, ApiError> {
        if !ending.leaves {
            return Ok(Vec::new());
        }
        self.state
            .wait_for(ProjectionName::ORGANIZATION, seen)
            .await?;
        let pool = self.state.projections.pool();
        let organizations = organization::list_of_member(pool, ending.user_id).await?;
        Ok(organizations.into_iter().map(|one| one.id).collect())
    }

    /// The organizations that the leaving user was added to after the position `seen` and until it was gone.
    async fn joined(
        &self,
        ending: &Ending,
        seen: Position,
        gone: Option<Position>,
    ) -> Result<Vec<Uuid>, ApiError> {
        let mut joined = Vec::new();
        let mut after = seen;
        while ending.leaves && gone.is_some_and(|gone| after < gone) {
            let events = self.state.ledger.read(after, EVENTS_AT_ONCE).await?;
            let Some(last) = events.last() else {
                break;
            };
            after = last.position;
            let of_members = events
                .iter()
                .filter(|event| event.aggregate_type == "organization_member");
            for event in of_members {
                let decoded = event.decode::<MemberEvent>();
                if let MemberEvent::OrganizationMemberAdded {
                    organization_id,
                    user_id,
                    ..
                } = decoded.map_err(|error| ApiError::internal(&error))?
                    && user_id == ending.user_id
                {
                    joined.push(organization_id);
                }
            }
        }
        Ok(joined)
    }

    async fn finish(
        &self,
        ending: &Ending,
        keys: &[String],
        grants: &[String],
        joined: &[Uuid],
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
            for organization_id in joined {
                let pool = self.state.projections.pool();
                leave(&mut unit, pool, *organization_id, ending.user_id).await?;
            }
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
