use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Which entries to list (core.md 6, audit). All given fields must match; [`Default`] matches every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Type of the resource.
    pub resource_type: Option<String>,
    /// Id of the resource as entries show it.
    pub resource_id: Option<Uuid>,
    /// Name of the resource, exactly.
    pub resource_target: Option<String>,
    /// The user who acted.
    pub user_id: Option<Uuid>,
    /// Name of the user who acted, without regard to case.
    pub username: Option<String>,
    /// E-mail address of the user who acted, without regard to case.
    pub email: Option<String>,
    /// At or after this time.
    pub date_from: Option<DateTime<Utc>>,
    /// At or before this time.
    pub date_to: Option<DateTime<Utc>>,
    /// The organization.
    pub organization_id: Option<Uuid>,
    /// The action.
    pub action: Option<String>,
    /// The request.
    pub request_id: Option<Uuid>,
}
