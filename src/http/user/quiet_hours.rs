//! `/api/v2/users/{user}/quiet-hours`.

use chancery_operations::user::{self, ShownQuietHours};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::path::UserPath;
use crate::http::base::as_of::AsOfPosition;
use crate::http::base::json::null_as_default;
use crate::http::base::{ApiError, Json, ReadRefusal, SignedIn, WriteRefusal};

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
        ("as_of" = Option<String>, Query, description = "As it was at this position of the record, or time as in RFC 3339; the deployment's own settings are those of now."),
    ),
    responses(
        (status = 200, description = "The schedule.", body = UserQuietHoursScheduleResponse),
        ReadRefusal,
    )
)]
pub async fn get_quiet_hours(
    SignedIn(caller): SignedIn,
    AsOfPosition(as_of): AsOfPosition,
    UserPath(user): UserPath,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    Ok(Json(user::quiet_hours(&caller, &user, as_of).await?.into()))
}

/// Gives a user a schedule of its own. For the user itself and owners.
#[utoipa::path(
    put,
    path = "/api/v2/users/{user}/quiet-hours",
    tag = "Enterprise",
    responses(
        (status = 200, description = "The schedule.", body = UserQuietHoursScheduleResponse),
        WriteRefusal,
    )
)]
pub async fn update_quiet_hours(
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Json(request): Json<UpdateUserQuietHoursScheduleRequest>,
) -> Result<Json<UserQuietHoursScheduleResponse>, ApiError> {
    let shown = user::set_quiet_hours(&caller, &user, &request.schedule).await?;
    Ok(Json(shown.into()))
}

impl From<ShownQuietHours> for UserQuietHoursScheduleResponse {
    fn from(shown: ShownQuietHours) -> Self {
        Self {
            raw_schedule: shown.schedule.as_str().to_owned(),
            user_set: shown.is_own,
            user_can_set: shown.users_may_set,
            time: shown.schedule.time(),
            timezone: shown.schedule.timezone(),
            next: shown.next,
        }
    }
}
