//! `/api/v2/users/{user}/quiet-hours`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_aggregates::user::Command;
use chancery_projections::user::{self, Users};
use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PathUser, changed};
use crate::http::as_of::{AsOfPosition, Past};
use crate::http::json::null_as_default;
use crate::http::{ApiError, AppState, ErrorBody, Json, RequestFacts, Session, Validation};
use crate::policy::{Action, Resource};

/// When a user's quiet hours begin.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserQuietHoursScheduleResponse {
    /// Cron text with its time zone, such as `CRON_TZ=UTC 0 0 * * *`.
    raw_schedule: String,
    /// Whether the user has a schedule of its own; otherwise it is the deployment's.
    user_set: bool,
    /// Whether users may have schedules of their own.
    user_can_set: bool,
    /// The time of day, `HH:MM`.
    time: String,
    /// The name of the time zone.
    timezone: &'static str,
    /// When they begin next, in that zone.
    next: DateTime<FixedOffset>,
}

/// A schedule.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateUserQuietHoursScheduleRequest {
    /// `CRON_TZ=<zone> <minute> <hour> * * *`: one time each day. Without a zone it is UTC.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required = true, min_length = 9, max_length = 128)]
    schedule: String,
}

/// When a user's quiet hours begin. For the user itself, owners and user admins.
#[utoipa::path(
    get,
    path = "/api/v2/users/{user}/quiet-hours",
    tag = "Enterprise",
    params(
        ("user" = String, Path, description = "User id, user name, or me"),
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339; the deployment's own settings are those of now."),
    ),
    responses(
        (status = 200, description = "The schedule.", body = UserQuietHoursScheduleResponse),
        (status = 400, description = "The path cannot be read, or there was no such moment.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not know.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn get_quiet_hours(
    State(state): State<AppState>,
    session: Session,
    AsOfPosition(as_of): AsOfPosition,
    Path(user): Path<String>,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let _ = session.decide(Action::Read, Resource::PersonalData { user_id })?;
    let Some(position) = as_of else {
        return answer(&state, user_id).await;
    };
    let reader = state.ledger.reader();
    let id = user_id.to_string();
    let events = reader.read_stream_until("user", &id, position).await?;
    let past = Past::new(&state, &[&Users], events).await?;
    let then = reader.event(position).await?;
    let then = then.ok_or_else(ApiError::not_found)?.recorded_at;
    answer_at(&state, past.pool(), user_id, then).await
}

/// Gives a user a schedule of its own. For the user itself and owners.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/quiet-hours",
    tag = "Enterprise",
    params(("user" = String, Path, description = "User id, user name, or me")),
    request_body = UpdateUserQuietHoursScheduleRequest,
    responses(
        (status = 200, description = "The schedule.", body = UserQuietHoursScheduleResponse),
        (status = 400, description = "It is no schedule of one time each day.", body = ErrorBody),
        (status = 401, description = "Not signed in.", body = ErrorBody),
        (status = 403, description = "The caller may not change it, or nobody may.", body = ErrorBody),
        (status = 404, description = "No such user, or none that the caller may see.", body = ErrorBody),
    )
)]
pub async fn update_quiet_hours(
    State(state): State<AppState>,
    session: Session,
    facts: RequestFacts,
    Path(user): Path<String>,
    Json(request): Json<UpdateUserQuietHoursScheduleRequest>,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    let user_id = PathUser::find(&state, &session, &user).await?.id;
    let permit = session.decide(Action::Update, Resource::PersonalData { user_id })?;
    if !state.config.quiet_hours.users_may_set {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "Users cannot set custom quiet hours schedule due to deployment configuration.",
        ));
    }
    if request.schedule.is_empty() {
        let missing = "Validation failed for tag \"required\" with value: \"\"";
        return Err(ApiError::validation_failed(vec![Validation::new(
            "schedule", missing,
        )]));
    }
    let schedule = QuietHoursSchedule::parse(&request.schedule).map_err(|error| {
        let detail = error.to_string();
        ApiError::bad_request("Invalid quiet hours schedule.")
            .with_detail(detail.clone())
            .with_validations(vec![Validation::new("schedule", detail)])
    })?;
    let command = Command::SetQuietHoursSchedule { schedule };
    changed::change(&state, &session, &facts, &permit, user_id, command).await?;
    answer(&state, user_id).await
}

async fn answer(
    state: &AppState,
    user_id: Uuid,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    answer_at(state, state.projections.pool(), user_id, state.clock.now()).await
}

async fn answer_at(
    state: &AppState,
    pool: &PgPool,
    user_id: Uuid,
    time: DateTime<Utc>,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    let settings = &state.config.quiet_hours;
    let recorded = user::quiet_hours_schedule(pool, user_id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    // A schedule that was set while users could counts again when they can again.
    let own = if recorded.is_empty() || !settings.users_may_set {
        None
    } else {
        let own = QuietHoursSchedule::parse(&recorded);
        Some(own.map_err(|error| ApiError::internal(&error))?)
    };
    let user_set = own.is_some();
    let schedule = own.unwrap_or_else(|| settings.default_schedule.clone());
    let next = schedule
        .next(time)
        .ok_or_else(|| ApiError::internal("quiet hours beyond the end of the calendar"))?;
    Ok(Json(UserQuietHoursScheduleResponse {
        raw_schedule: schedule.as_str().to_owned(),
        user_set,
        user_can_set: settings.users_may_set,
        time: schedule.time(),
        timezone: schedule.timezone(),
        next: next.fixed_offset(),
    }))
}
