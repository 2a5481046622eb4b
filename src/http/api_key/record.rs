//! Recording a new key.

use chancery_aggregates::api_key::{ApiKey, Command, CreateApiKey, Error};
use chancery_ledger::{AppendError, Position};
use chancery_projections::ProjectionName;

use super::{invalid_lifetime, name_taken};
use crate::http::{ApiError, AppState, RequestFacts, Session};
use crate::policy::Permit;
use crate::secret::NewApiKey;

/// How often it is decided anew when the session's user changed in between.
const ATTEMPTS: u32 = 5;

/// Records a new key and waits until it can be used. No key is made with a session that has ended.
pub(super) async fn record(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    key: &NewApiKey,
    create: CreateApiKey,
) -> Result<(), ApiError> {
    let mut attempt = 1;
    let position = loop {
        match append(state, session, facts, permit, key, create.clone()).await? {
            Err(AppendError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            Err(AppendError::KeyTaken { .. }) => {
                let name = create.token_name.as_ref();
                return Err(name_taken(name.map_or("", |name| name.as_str())));
            }
            outcome => break outcome.map_err(|error| ApiError::of_append(&error))?,
        }
    };
    state.wait_for(ProjectionName::API_KEY, position).await
}

async fn append(
    state: &AppState,
    session: &Session,
    facts: &RequestFacts,
    permit: &Permit,
    key: &NewApiKey,
    create: CreateApiKey,
) -> Result<Result<Option<Position>, AppendError>, ApiError> {
    let context = facts.command(state, &session.actor());
    let mut unit = session.unit_of_work(state, permit, &context).await?;
    unit.execute_new::<ApiKey>(&key.id, Command::CreateApiKey(create))
        .await
        .map_err(|error| {
            ApiError::of_execute(error, |refused| match refused {
                Error::LifetimeNotPositive => invalid_lifetime(refused.to_string()),
                refused => ApiError::internal(&refused),
            })
        })?;
    Ok(unit.commit().await)
}
