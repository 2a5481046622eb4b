//! An entry of the audit trail as the API shows it (docs/contract/core.md 7.1).

use chancery_aggregates::organization::OrganizationId;
use chancery_projections::audit::{AuditEntry, AuditEntryId, OrganizationSummary};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::status;
use crate::http::user::UserModel;

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditLog)]
pub struct AuditLogModel {
    /// The entry's id.
    pub id: AuditEntryId,
    /// The request that led to it; zero when there was none.
    pub request_id: Uuid,
    /// When it was recorded.
    pub time: DateTime<Utc>,
    /// Where the request came from.
    pub ip: String,
    /// What the client called itself.
    pub user_agent: String,
    /// What kind of thing was acted on.
    pub resource_type: String,
    /// Its id.
    pub resource_id: Uuid,
    /// Its name at that time.
    pub resource_target: String,
    /// Its icon at that time.
    pub resource_icon: String,
    /// What was done.
    pub action: String,
    /// Old and new value of each tracked field that changed; secret ones are marked and shown empty.
    #[schema(value_type = Object)]
    pub diff: Value,
    /// The HTTP status of the attempt; 400 and above were refused.
    pub status_code: i32,
    /// What else is known.
    #[schema(value_type = Object)]
    pub additional_fields: Value,
    /// A sentence with the placeholders `{user}` and `{target}`.
    pub description: String,
    /// Where the thing can be seen; `""` when nowhere.
    pub resource_link: String,
    /// Whether it is deleted by now.
    pub is_deleted: bool,
    /// Its organization; zero when it belongs to none.
    pub organization_id: OrganizationId,
    /// Its organization; null when it belongs to none.
    pub organization: Option<OrganizationModel>,
    /// Who acted; null when that was no user.
    pub user: Option<UserModel>,
}

/// An organization, in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MinimalOrganization)]
pub struct OrganizationModel {
    id: OrganizationId,
    name: String,
    display_name: String,
    icon: String,
}

impl From<OrganizationSummary> for OrganizationModel {
    fn from(organization: OrganizationSummary) -> Self {
        Self {
            id: organization.id,
            name: organization.name,
            display_name: organization.display_name,
            icon: organization.icon,
        }
    }
}

impl From<AuditEntry> for AuditLogModel {
    fn from(entry: AuditEntry) -> Self {
        Self {
            description: description(entry.action, entry.resource_type, entry.refusal.is_some()),
            status_code: status::of(&entry).as_u16().into(),
            resource_link: resource_link(&entry),
            id: entry.id,
            request_id: entry.request_id.unwrap_or_default(),
            time: entry.time,
            ip: entry.ip,
            user_agent: entry.user_agent,
            resource_type: entry.resource_type.to_owned(),
            resource_id: entry.resource_id,
            resource_target: entry.resource_target,
            resource_icon: entry.resource_icon,
            action: entry.action.to_owned(),
            diff: entry.diff,
            additional_fields: entry.additional_fields.into(),
            is_deleted: entry.is_deleted,
            organization_id: entry
                .organization
                .as_ref()
                .map_or_else(OrganizationId::default, |organization| organization.id),
            organization: entry.organization.map(OrganizationModel::from),
            user: entry.user.map(UserModel::from),
        }
    }
}

fn description(action: &str, resource_type: &str, refused: bool) -> String {
    let kind = friendly(resource_type);
    let signing = matches!(action, "login" | "logout");
    match (refused, signing) {
        (true, true) => format!("{{user}} unsuccessfully attempted to {action}"),
        (true, false) => format!("{{user}} unsuccessfully attempted to {action} {kind} {{target}}"),
        (false, true) => format!("{{user}} {}", verb(action)),
        (false, false) => format!("{{user}} {} {kind} {{target}}", verb(action)),
    }
}

fn verb(action: &str) -> &str {
    match action {
        "create" => "created",
        "write" => "updated",
        "delete" => "deleted",
        "start" => "started",
        "stop" => "stopped",
        "login" => "logged in",
        "logout" => "logged out",
        "register" => "registered",
        "request_password_reset" => "password reset requested",
        other => other,
    }
}

fn friendly(resource_type: &str) -> String {
    match resource_type {
        "api_key" => "token".to_owned(),
        "idp_sync_settings_group" | "idp_sync_settings_organization" | "idp_sync_settings_role" => {
            "settings".to_owned()
        }
        "oauth2_provider_app" => "oauth2 app".to_owned(),
        "oauth2_provider_app_secret" => "oauth2 app secret".to_owned(),
        "oauth2_provider_app_code" => "oauth2 app code".to_owned(),
        "oauth2_provider_app_token" => "oauth2 app token".to_owned(),
        "oauth2_provider_settings" => "settings of".to_owned(),
        other => other.replace('_', " "),
    }
}

fn resource_link(entry: &AuditEntry) -> String {
    match entry.resource_type {
        "user" => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("filter", &entry.resource_target)
                .finish();
            format!("/users?{query}")
        }
        "oauth2_provider_app" => {
            format!("/deployment/oauth2-provider/apps/{}", entry.resource_id)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_follow_the_contract() {
        assert_eq!(
            description("create", "oauth2_provider_app", false),
            "{user} created oauth2 app {target}"
        );
        assert_eq!(
            description("delete", "api_key", true),
            "{user} unsuccessfully attempted to delete token {target}"
        );
        assert_eq!(description("login", "api_key", false), "{user} logged in");
        assert_eq!(
            description("login", "api_key", true),
            "{user} unsuccessfully attempted to login"
        );
        assert_eq!(
            description("write", "organization_member", false),
            "{user} updated organization member {target}"
        );
    }
}
