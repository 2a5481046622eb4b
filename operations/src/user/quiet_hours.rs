//! When a user is not to be disturbed (contract quiet hours).

use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_aggregates::user::Command;
use chancery_ledger::Position;
use chancery_projections::user::{self, Users};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::User;
use super::thing::Person;
use crate::failure::{Failure, InvalidField, Refused};
use crate::past::Past;
use crate::policy::{Action, Resource};
use crate::{Caller, Services};

const STREAM_TYPE: &str = "user";

/// When a user's quiet hours begin.
#[derive(Clone, Debug)]
pub struct ShownQuietHours {
    /// The schedule in force.
    pub schedule: QuietHoursSchedule,
    /// Whether it is the user's own; otherwise it is the deployment's.
    pub is_own: bool,
    /// Whether users may have schedules of their own.
    pub users_may_set: bool,
    /// The next beginning, in the schedule's time zone.
    pub next: DateTime<chrono::FixedOffset>,
}

/// The quiet hours of a user, as they are or as they were at a position. The deployment's own settings are those of now.
pub async fn quiet_hours(
    caller: &Caller,
    user: &User,
    as_of: Option<Position>,
) -> Result<ShownQuietHours, Failure> {
    caller.sees(Resource::PersonalData { user_id: user.id })?;
    let services = caller.services();
    let Some(until) = as_of else {
        return present(services, user).await;
    };
    let reader = services.reader();
    let id = user.id.to_string();
    let events = reader.read_stream_until(STREAM_TYPE, &id, until).await?;
    let past = Past::new(services, &[&Users], events).await?;
    let then = reader.event(until).await?.ok_or(Failure::NotFound)?;
    shown(services, past.pool(), user, then.recorded_at).await
}

/// Gives a user a schedule of its own.
pub async fn set_quiet_hours(
    caller: &Caller,
    user: &User,
    schedule: &str,
) -> Result<ShownQuietHours, Failure> {
    let person = Person(user.id);
    let leave = caller.may(Action::Update, &person)?;
    let services = caller.services();
    if !services.settings().quiet_hours.users_may_set {
        let text = "Users cannot set custom quiet hours schedule due to deployment configuration.";
        return Err(Refused::forbidden(text).into());
    }
    if schedule.is_empty() {
        return Err(Failure::invalid(vec![InvalidField::required("schedule")]));
    }
    let schedule = QuietHoursSchedule::parse(schedule).map_err(|error| {
        let detail = error.to_string();
        let field = InvalidField::new("schedule", detail.clone());
        Refused::fields("schedule", "Invalid quiet hours schedule.", vec![field])
            .with_detail(detail)
    })?;
    leave
        .record(Command::SetQuietHoursSchedule { schedule })
        .await?;
    present(services, user).await
}

async fn present(services: &Services, user: &User) -> Result<ShownQuietHours, Failure> {
    shown(services, services.pool(), user, services.clock().now()).await
}

async fn shown(
    services: &Services,
    pool: &PgPool,
    user: &User,
    time: DateTime<Utc>,
) -> Result<ShownQuietHours, Failure> {
    let settings = &services.settings().quiet_hours;
    let recorded = user::quiet_hours_schedule(pool, user.id).await?;
    let recorded = recorded.ok_or(Failure::NotFound)?;
    // A schedule that was set while users could counts again when they can again.
    let own = if recorded.is_empty() || !settings.users_may_set {
        None
    } else {
        let own = QuietHoursSchedule::parse(&recorded);
        Some(own.map_err(|error| Failure::internal(&error))?)
    };
    let is_own = own.is_some();
    let schedule = own.unwrap_or_else(|| settings.default_schedule.clone());
    let beyond = || Failure::internal("quiet hours beyond the end of the calendar");
    Ok(ShownQuietHours {
        next: schedule.next(time).ok_or_else(beyond)?.fixed_offset(),
        schedule,
        is_own,
        users_may_set: settings.users_may_set,
    })
}
