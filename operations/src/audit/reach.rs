//! Which entries of the trail a caller reads.

use chancery_aggregates::organization::OrganizationId;
use chancery_projections::audit::{AuditEntry, AuditFilter};

use crate::Caller;
use crate::failure::Failure;
use crate::policy::Resource;

/// Whose entries the caller reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Everything.
    All,
    /// The entries of organizations.
    Organizations {
        /// Those whose entries it reads.
        audited: Vec<OrganizationId>,
        /// Those it knows of.
        known: Vec<OrganizationId>,
    },
}

impl Reach {
    /// That of a caller; a failure for one who reads no trail.
    pub fn of(caller: &Caller) -> Result<Self, Failure> {
        let Err(refused) = caller.sees(Resource::Audit) else {
            return Ok(Self::All);
        };
        let subject = caller.subject();
        let audited = subject.organizations_with_readable_audit();
        if audited.is_empty() {
            return Err(refused);
        }
        let memberships = subject.memberships.iter();
        Ok(Self::Organizations {
            audited,
            known: memberships.map(|one| one.organization_id).collect(),
        })
    }

    /// Narrows a filter to it. False: nothing is left.
    pub fn narrow(&self, filter: &mut AuditFilter) -> bool {
        let Self::Organizations { audited, .. } = self else {
            return true;
        };
        match (filter.organization_id, audited.as_slice()) {
            (Some(asked), _) => return audited.contains(&asked),
            // The index on one organization's entries is in their order.
            (None, [only]) => filter.organization_id = Some(*only),
            (None, _) => filter.organizations = Some(audited.clone()),
        }
        true
    }

    /// An entry as the caller may see it: without organizations that it does not know.
    pub fn shown(&self, mut entry: AuditEntry) -> AuditEntry {
        if let (Self::Organizations { known, .. }, Some(user)) = (self, &mut entry.user) {
            user.organization_ids.retain(|id| known.contains(id));
        }
        entry
    }
}
