//! Who uses and used which apps.

use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::user::UserId;
use chancery_ledger::{EventFilter, Position};
use chancery_projections::oauth2_app;
use chancery_projections::oauth2_grant::OAuth2Grants;

use crate::Services;
use crate::failure::{Failure, Refused};
use crate::past::{AS_OF, Past};

const STREAM_TYPE: &str = "oauth2_app";

/// The streams of grants, and the event that each begins with.
const GRANT_STREAM_TYPE: &str = "oauth2_grant";
const CODE_ISSUED: &str = "code_issued";

/// The most grants of a user whose past is asked for.
const GRANTS_MAX: usize = 10_000;

/// The ids of the apps for which a user holds tokens, or held them at a position.
pub(super) async fn ids_of_user(
    services: &Services,
    user_id: UserId,
    as_of: Option<Position>,
) -> Result<Vec<OAuth2AppId>, Failure> {
    let Some(until) = as_of else {
        services.wait_until_present_shows(&["oauth2_grant"]).await?;
        let now = services.clock().now();
        return Ok(oauth2_app::ids_of_user(services.pool(), user_id, now).await?);
    };
    let reader = services.reader();
    let newest = reader.event(until).await?.ok_or(Failure::NotFound)?;
    // Every grant begins with a code, which nobody but its user asks for.
    let begun = EventFilter {
        until,
        aggregate_type: Some(GRANT_STREAM_TYPE.to_owned()),
        event_type: Some(CODE_ISSUED.to_owned()),
        actor: Some(user_id.to_string()),
        ..EventFilter::default()
    };
    let begun = reader.find(&begun, GRANTS_MAX + 1).await?;
    if begun.len() > GRANTS_MAX {
        let detail = format!(
            "Query param \"as_of\" cannot be combined with \"user_id\" where the user gave more than {GRANTS_MAX} authorizations"
        );
        return Err(Refused::invalid(AS_OF, detail).into());
    }
    let streams: Vec<(String, String)> = begun
        .into_iter()
        .map(|event| (event.aggregate_type, event.aggregate_id))
        .collect();
    let mut events = reader.read_types_until(&[STREAM_TYPE], until).await?;
    events.extend(reader.read_streams_until(&streams, until).await?);
    events.sort_unstable_by_key(|event| event.position);
    let past = Past::new(services, &[&OAuth2Grants], events).await?;
    Ok(oauth2_app::ids_of_user(past.pool(), user_id, newest.recorded_at).await?)
}
