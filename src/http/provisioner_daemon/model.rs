use std::collections::BTreeMap;

use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::provisioner_daemon::ProvisionerDaemonId;
use chancery_aggregates::provisioner_key::ProvisionerKeyId;
use chancery_operations::provisioner_daemon::{ShownDaemon, Status};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The ids that stand for ways to come in without a key.
pub const BUILT_IN: ProvisionerKeyId = ProvisionerKeyId::from_u128(1);
pub const USER_AUTH: ProvisionerKeyId = ProvisionerKeyId::from_u128(2);
pub const PSK: ProvisionerKeyId = ProvisionerKeyId::from_u128(3);

/// A provisioner daemon.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProvisionerDaemon)]
pub struct ProvisionerDaemonModel {
    /// Its id.
    id: ProvisionerDaemonId,
    /// The organization whose jobs it does.
    organization_id: OrganizationId,
    /// The key that it came in by; `00000000-0000-0000-0000-000000000002`: a user's token.
    key_id: ProvisionerKeyId,
    /// When it first came.
    created_at: DateTime<Utc>,
    /// When a server last had a session with it.
    last_seen_at: Option<DateTime<Utc>>,
    /// Its name.
    name: String,
    /// The program's version.
    version: String,
    /// The version of the provisioner API that it speaks.
    api_version: String,
    /// What it can run.
    provisioners: Vec<&'static str>,
    /// By which jobs find it.
    tags: BTreeMap<String, String>,
    /// The name of its key; null when the key is gone.
    key_name: Option<String>,
    /// `offline` or `idle`.
    status: &'static str,
    /// Always null: this version has no jobs.
    #[schema(value_type = Option<Object>)]
    current_job: Value,
    /// Always null: this version has no jobs.
    #[schema(value_type = Option<Object>)]
    previous_job: Value,
}

impl From<ShownDaemon> for ProvisionerDaemonModel {
    fn from(shown: ShownDaemon) -> Self {
        let daemon = shown.daemon.thing;
        let session = daemon.session;
        let by_token = || session.key_id.is_none().then(|| "user-auth".to_owned());
        Self {
            id: shown.daemon.id,
            organization_id: daemon.organization_id,
            key_id: session.key_id.unwrap_or(USER_AUTH),
            created_at: shown.daemon.created_at,
            last_seen_at: shown.last_seen_at,
            name: daemon.name,
            key_name: shown.key_name.or_else(by_token),
            version: session.version,
            api_version: session.api_version,
            provisioners: session.provisioners.into_iter().map(Into::into).collect(),
            tags: session.tags.as_map().clone(),
            status: match shown.status {
                Status::Offline => "offline",
                Status::Idle => "idle",
            },
            current_job: Value::Null,
            previous_job: Value::Null,
        }
    }
}
