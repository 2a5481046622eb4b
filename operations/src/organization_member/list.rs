//! Listing the members of an organization.

use chancery_projections::organization;

use super::Member;
use crate::Caller;
use crate::failure::Failure;
use crate::organization::Organization;
use crate::policy::{OrganizationPart, Resource};

/// A part of the members.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// Those of this part, by user name.
    pub members: Vec<Member>,
    /// How many there are in all.
    pub count: i64,
}

/// Members of an organization by user name: at most `limit` (None: all) after the first `offset`.
pub async fn list(
    caller: &Caller,
    organization: &Organization,
    limit: Option<i64>,
    offset: i64,
) -> Result<MemberPage, Failure> {
    let (id, part) = (organization.id, OrganizationPart::Members);
    caller.sees(Resource::Organization { id, part })?;
    let pool = caller.services().pool();
    Ok(MemberPage {
        members: organization::list_members(pool, id, limit, offset).await?,
        count: organization::member_count(pool, id).await?,
    })
}
