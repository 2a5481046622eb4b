//! `GET /api/v2/organizations/{organization}/provisionerdaemons/serve`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chancery_operations::provisioner_daemon::{self, Asked};
use chancery_operations::provisioner_key::Presented;
use chancery_provisioner::{ApiVersion, VersionError};

use crate::app::connections::Place;
use crate::http::base::path::segment;
use crate::http::base::{ApiError, AppState, NotSignedIn, ReadRefusal, SignedIn, Validation};
use crate::http::provisioner_key::presented;

/// Most bytes of a message.
const MAX_MESSAGE: usize = 256 << 10;
const BUILD_VERSION_HEADER: &str = "x-coder-build-version";

/// What a daemon says of itself, and what it shows. An extractor: a daemon with a key sees no organization.
pub struct Arrival {
    asked: Asked,
    presented: Presented,
}

impl FromRequestParts<AppState> for Arrival {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let asked = asked(parts.uri.query().unwrap_or_default());
        Ok(Self {
            asked: Asked {
                organization: segment(parts, state, "organization").await?,
                version: build_version(&parts.headers),
                ..asked
            },
            presented: presented(&parts.headers),
        })
    }
}

/// A web socket for a provisioner daemon: binary messages, which are a yamux session of dRPC calls. This version has no jobs to give.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{organization}/provisionerdaemons/serve",
    security(("provisioner_key" = []), ("session_token" = []), ("session_cookie" = []), ("bearer" = [])),
    params(
        ("provisioner" = Vec<String>, Query, description = "What it can run: echo, terraform."),
        ("tag" = Option<Vec<String>>, Query, description = "Its tags, name=value; not with a key, which has its own."),
        ("name" = Option<String>, Query, description = "Its name; one is drawn when absent."),
        ("version" = Option<String>, Query, description = "The version of the provisioner API that it speaks; 1.0 when absent."),
    ),
    responses((status = 101, description = "The connection is a web socket."), ReadRefusal)
)]
pub async fn serve_provisioner_daemon(
    State(state): State<AppState>,
    NotSignedIn(guest): NotSignedIn,
    signed_in: Option<SignedIn>,
    Arrival { asked, presented }: Arrival,
    place: Option<Extension<Arc<Place>>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let version = version(&asked.api_version);
    let caller = signed_in.map(|SignedIn(caller)| caller);
    let admitted = provisioner_daemon::admit(guest, caller, &presented, asked).await?;
    version?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(MAX_MESSAGE)
            .max_frame_size(MAX_MESSAGE),
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let busy = place.map(|Extension(place)| place.begin());
    let sessions = state.sessions.clone();
    Ok(upgrade.on_upgrade(async move |socket| {
        sessions.run(admitted, socket).await;
        drop(busy);
    }))
}

fn asked(query: &str) -> Asked {
    let mut asked = Asked {
        api_version: ApiVersion::UNSAID.to_string(),
        ..Asked::default()
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = value.into_owned();
        match &*name {
            "provisioner" => asked.provisioners.push(value),
            "tag" => asked.tags.push(value),
            "name" => asked.name = value,
            "version" => asked.api_version = value,
            // The contract has an older `id`, which means nothing any more; whatever else is sent means nothing here.
            _ => {}
        }
    }
    asked
}

fn version(text: &str) -> Result<(), ApiError> {
    let served = text
        .parse()
        .and_then(|version| ApiVersion::CURRENT.serves(version));
    served.map_err(|error: VersionError| {
        let validations = vec![Validation::new("version", error.to_string())];
        ApiError::bad_request("Incompatible or unparsable version").with_validations(validations)
    })
}

/// What the daemon says of its program: printable and bounded, as it is recorded.
fn build_version(headers: &HeaderMap) -> String {
    let text = headers.get(BUILD_VERSION_HEADER);
    let text = text.and_then(|text| text.to_str().ok()).unwrap_or_default();
    text.chars()
        .filter(|one| !one.is_control())
        .take(128)
        .collect()
}
