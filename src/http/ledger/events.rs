use axum::extract::State;
use chancery_ledger::{EventFilter, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::base::{ApiError, AppState, Json, Query, ReadRefusal, SignedIn, Validation};
use crate::record::ShownEvent;

const DEFAULT_LIMIT: usize = 100;
const LIMIT_MAX: usize = 1000;

/// Which events. All given conditions must hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// After this position.
    after: Option<i64>,
    /// Up to and including this position.
    until: Option<i64>,
    /// At most so many: 100 when absent, 1000 at most.
    limit: Option<usize>,
    /// Newest first.
    newest_first: bool,
    /// Kind of the stream, such as `oauth2_app`.
    aggregate_type: Option<String>,
    /// Name of the stream.
    aggregate_id: Option<String>,
    /// What happened, such as `oauth2_app_created`.
    event_type: Option<String>,
    /// Id or name of the one who acted.
    actor: Option<String>,
    /// Network address of the client.
    client_address: Option<String>,
    /// Id of an organization.
    organization_id: Option<String>,
    /// Id of a request.
    request_id: Option<String>,
    /// Text in the event, its metadata or its stream's name.
    text: Option<String>,
}

/// A part of the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEvents {
    /// The events.
    events: Vec<ShownEvent>,
    /// The last position of the record.
    head: i64,
}

/// Events by position, filtered. For the next part ask `after` the last position, or `until` one less where the newest come
/// first.
#[utoipa::path(
    get,
    path = "/api/v2/ledger/events",
    params(Parameters),
    responses(
        (status = 200, body = LedgerEvents),
        ReadRefusal,
    )
)]
pub async fn list_ledger_events(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    Query(parameters): Query<Parameters>,
) -> Result<Json<LedgerEvents>, ApiError> {
    super::permit(&caller)?;
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > LIMIT_MAX {
        let detail = format!("Query param \"limit\" must be at most {LIMIT_MAX}");
        return Err(ApiError::invalid_query(vec![Validation::new(
            "limit", detail,
        )]));
    }
    let filter = EventFilter {
        after: Position(parameters.after.unwrap_or_default()),
        until: Position(parameters.until.unwrap_or(i64::MAX)),
        aggregate_type: parameters.aggregate_type,
        aggregate_id: parameters.aggregate_id,
        event_type: parameters.event_type,
        actor: parameters.actor,
        client_address: parameters.client_address,
        organization_id: parameters.organization_id,
        text: parameters.text,
        request_id: parameters.request_id,
    };
    let reader = state.services.reader();
    let events = if parameters.newest_first {
        reader.find_newest(&filter, limit).await?
    } else {
        reader.find(&filter, limit).await?
    };
    Ok(Json(LedgerEvents {
        events: events.iter().map(ShownEvent::from).collect(),
        head: reader.head().await?.0,
    }))
}
