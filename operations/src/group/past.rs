//! Groups as they were.

use chancery_ledger::Position;
use chancery_projections::group;
use chancery_projections::organization::{self, Organizations};
use chancery_projections::user::{self, UserFilter, Users};
use uuid::Uuid;

use super::GroupRef;
use crate::Services;
use crate::failure::{Failure, Refused};
use crate::past::{AS_OF, Past};

/// The most users and memberships whose past is looked at whole.
const PAST_MAX: i64 = 20_000;

/// The tables then, as far as one group matters.
pub(super) async fn of_group(
    services: &Services,
    reference: GroupRef<'_>,
    until: Position,
) -> Result<Past, Failure> {
    let organization_id = match reference {
        GroupRef::Name(organization, _) => organization.id,
        GroupRef::Id(id) => {
            let found = group::organization_of(&services.reader(), id, until).await?;
            found.ok_or(Failure::NotFound)?
        }
    };
    of_organization(services, Some(organization_id), until).await
}

/// The tables then, as far as the groups of an organization matter; None: of all.
pub(super) async fn of_organization(
    services: &Services,
    organization_id: Option<Uuid>,
    until: Position,
) -> Result<Past, Failure> {
    let reader = services.reader();
    let events = if let Some(id) = organization_id {
        group::history(&reader, id, until).await?
    } else {
        check_size(services).await?;
        group::whole_history(&reader, until).await?
    };
    Past::new(services, &[&Organizations, &Users], events).await
}

async fn check_size(services: &Services) -> Result<(), Failure> {
    let pool = services.pool();
    let memberships = organization::count_memberships(pool).await?;
    let users = user::count(pool, &UserFilter::default()).await?;
    if users + memberships <= PAST_MAX {
        return Ok(());
    }
    let detail = format!(
        "Query param \"as_of\" needs \"organization\" where there are more than {PAST_MAX} users and memberships"
    );
    Err(Refused::invalid(AS_OF, detail).into())
}
