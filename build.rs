//! Tells utoipa, which goes by the names of types, that the OpenAPI document shows ids as the UUIDs they are.

use utoipa_config::Config;

const IDS: [&str; 11] = [
    "AppSecretId",
    "AuditEntryId",
    "DeploymentId",
    "GroupId",
    "LicenseUuid",
    "OAuth2AppId",
    "OrganizationId",
    "ProvisionerDaemonId",
    "ProvisionerKeyId",
    "SessionId",
    "UserId",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let uuids = |config: Config<'static>, id| config.alias_for(id, "uuid::Uuid");
    IDS.into_iter().fold(Config::new(), uuids).write_to_file();
}
