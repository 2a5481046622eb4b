//! The deployment: is it there, and what is it.

use axum::extract::State;
use chancery_aggregates::deployment::DeploymentId;
use chancery_provisioner::ApiVersion;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::base::{AppState, Json};
use crate::version::BUILD_VERSION;

/// Routes about the deployment.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ping))
        .routes(routes!(get_build_info))
}

/// An answer that shows that the API is there.
#[derive(Debug, Serialize, ToSchema)]
struct Ping {
    message: &'static str,
}

/// The API answers.
#[utoipa::path(get, path = "/api/v2/", tag = "General", security(()), responses((status = 200, body = Ping)))]
async fn ping() -> Json<Ping> {
    Json(Ping {
        message: "\u{1f44b}",
    })
}

/// What this server is.
#[derive(Debug, Serialize, ToSchema)]
struct BuildInfo {
    /// Where this version's source is; `""`.
    external_url: &'static str,
    /// The server's version.
    version: &'static str,
    /// The URL by which clients reach the server.
    dashboard_url: String,
    /// Always false: nothing is reported to anyone.
    telemetry: bool,
    /// Always false: this is no workspace proxy.
    workspace_proxy: bool,
    /// Version of the agent API that clients of this contract expect.
    agent_api_version: &'static str,
    /// The newest version of the provisioner API that daemons may speak.
    provisioner_api_version: String,
    /// Always `""`.
    upgrade_message: &'static str,
    /// The deployment's id.
    deployment_id: DeploymentId,
    /// Always `""`: no web push.
    webpush_public_key: &'static str,
}

/// What this server is.
#[utoipa::path(get, path = "/api/v2/buildinfo", tag = "General", security(()), responses((status = 200, body = BuildInfo)))]
async fn get_build_info(State(state): State<AppState>) -> Json<BuildInfo> {
    Json(BuildInfo {
        external_url: "",
        version: BUILD_VERSION,
        dashboard_url: state.access_url.to_string(),
        telemetry: false,
        workspace_proxy: false,
        agent_api_version: "1.0",
        provisioner_api_version: ApiVersion::CURRENT.to_string(),
        upgrade_message: "",
        deployment_id: state.services.deployment().deployment_id,
        webpush_public_key: "",
    })
}
