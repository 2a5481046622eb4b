use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::AuditEntryId;

/// Which entries to list (docs/contract/core.md 6, audit). All given fields must match; [`Default`] matches every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Type of the resource.
    pub resource_type: Option<String>,
    /// Id of the resource as entries show it.
    pub resource_id: Option<Uuid>,
    /// Name of the resource, exactly.
    pub resource_target: Option<String>,
    /// The user who acted.
    pub user_id: Option<UserId>,
    /// Name of the user who acted, without regard to case.
    pub username: Option<String>,
    /// E-mail address of the user who acted, without regard to case.
    pub email: Option<String>,
    /// At or after this time.
    pub date_from: Option<DateTime<Utc>>,
    /// At or before this time.
    pub date_to: Option<DateTime<Utc>>,
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// One of these organizations.
    pub organizations: Option<Vec<OrganizationId>>,
    /// The action.
    pub action: Option<String>,
    /// The request.
    pub request_id: Option<Uuid>,
}

/// Which part of a list of entries is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPage {
    /// Entries that come after this one, which are older; none when there is no such entry in the organizations of the filter.
    pub after_id: Option<AuditEntryId>,
    /// At most so many.
    pub limit: i64,
    /// Leaving out so many.
    pub offset: i64,
}
