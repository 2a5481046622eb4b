//! Making keys.

use std::time::Duration;

use chancery_aggregates::api_key::{ApiKey, Command, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::TokenName;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::user as account;
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Key;
use crate::failure::{Checks, Failure, Refused};
use crate::form::null_as_default;
use crate::leave::Leave;
use crate::policy::{Action, Resource};
use crate::secret::{NewApiKey, Secret, short_id};
use crate::user::User;
use crate::{Caller, Services};

const DEFAULT_LIFETIME: Duration = Duration::from_hours(30 * 24);
const RANDOM_NAME_LENGTH: usize = 12;

/// The API token to be made.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = CreateTokenRequest)]
pub struct NewToken {
    /// How long it lives, in nanoseconds; 0 for 30 days.
    #[serde(default, deserialize_with = "null_as_default")]
    pub lifetime: i64,
    /// `all` (the default) or `application_connect`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub scope: String,
    /// A name, unique among the user's tokens; empty for a random one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub token_name: String,
}

/// The longest lifetime that an API token of a user may have.
pub fn longest_lifetime(caller: &Caller, user: &User) -> Result<Duration, Failure> {
    caller.sees(Resource::ApiKey { user_id: user.id })?;
    Ok(caller.services().settings().lifetimes.api_token_max)
}

/// Makes a further session of a user, as from a session only. Returns its text.
pub async fn create_session(caller: &Caller, user: &User) -> Result<Secret, Failure> {
    let (new, key) = draw(caller.services(), user.id);
    let leave = caller.may(Action::Create, &key)?;
    if caller.credential().origin != Some(Origin::Login) {
        return Err(Failure::NOT_ALLOWED);
    }
    record(caller, &leave, &session(&leave, new.hash)?).await?;
    Ok(new.text)
}

/// Makes an API token of a user. It ends no later than the token that makes it; an app cannot make one. Returns its text.
pub async fn create_token(
    caller: &Caller,
    user: &User,
    token: NewToken,
) -> Result<Secret, Failure> {
    let services = caller.services();
    let (new, key) = draw(services, user.id);
    let leave = caller.may(Action::Create, &key)?;
    caller.hands_out_credentials()?;
    let (token_name, scope) = token.check(services)?;
    let max = services.settings().lifetimes.api_token_max;
    let asked = lifetime(token.lifetime, max)?;
    let lifetime = within(asked, caller.latest_end(), leave.now());
    let token = ApiKey {
        origin: Origin::Token,
        login_type: LoginType::Token,
        scope,
        token_name,
        ..lasting(lifetime, &leave, new.hash)?
    };
    let recorded = record(caller, &leave, &token).await;
    recorded.map_err(|failure| failure.or_taken(|_| name_taken(token.token_name.as_str())))?;
    Ok(new.text)
}

/// The text of a new key of a user, and the thing that it will be.
pub(crate) fn draw(services: &Services, user_id: UserId) -> (NewApiKey, Key) {
    let (randomness, now) = (services.randomness(), services.clock().now());
    let new = NewApiKey::generate(short_id(&randomness, now), &randomness);
    let id = new.id.clone();
    (new, Key { id, user_id })
}

/// A session that begins with its leave, of the first generation of its user's credentials.
pub(crate) fn session(
    leave: &Leave<'_, Key>,
    hashed_secret: HashedSecret,
) -> Result<ApiKey, Failure> {
    let lifetime = leave.author().services.settings().lifetimes.session;
    lasting(lifetime, leave, hashed_secret)
}

fn lasting(
    lifetime: Duration,
    leave: &Leave<'_, Key>,
    hashed_secret: HashedSecret,
) -> Result<ApiKey, Failure> {
    let (lifetime_seconds, expires_at) = Services::expiry(lifetime, leave.now())?;
    Ok(ApiKey {
        user_id: leave.thing().user_id,
        credential_generation: 0,
        origin: Origin::Login,
        login_type: LoginType::Password,
        scope: Scope::All,
        token_name: TokenName::default(),
        hashed_secret,
        lifetime_seconds,
        expires_at,
    })
}

/// Records a new key of the user's present generation of credentials, unless the caller's own token has ended in between.
async fn record(caller: &Caller, leave: &Leave<'_, Key>, key: &ApiKey) -> Result<(), Failure> {
    leave
        .unit(|mut unit| async move {
            caller.stays(&mut unit).await?;
            let owner = key.user_id.to_string();
            let owner = unit.live::<account::User>(&owner).await?;
            let credential_generation = owner.credential_generation;
            let key = ApiKey {
                credential_generation,
                ..key.clone()
            };
            unit.record_new(Command::CreateApiKey(key)).await?;
            unit.done(())
        })
        .await
}

impl NewToken {
    fn check(&self, services: &Services) -> Result<(TokenName, Scope), Failure> {
        let mut checks = Checks::default();
        let token_name = match self.token_name.as_str() {
            "" => TokenName::parse(&services.randomness().alphanumeric(RANDOM_NAME_LENGTH)),
            name => TokenName::parse(name),
        };
        let token_name = checks.of("token_name", token_name);
        let scope = checks.one_of("scope", &self.scope);
        checks.pass((token_name, scope))
    }
}

/// The lifetime asked for, in nanoseconds; 0 asks for the usual one.
fn lifetime(nanoseconds: i64, max: Duration) -> Result<Duration, Failure> {
    if nanoseconds == 0 {
        return Ok(DEFAULT_LIFETIME.min(max));
    }
    let lifetime = u64::try_from(nanoseconds).map(Duration::from_nanos).ok();
    let lifetime = lifetime
        .filter(|lifetime| lifetime.as_secs() > 0)
        .ok_or_else(|| invalid("lifetime must be positive number greater than 0".to_owned()))?;
    if lifetime > max {
        let max = humantime::format_duration(max);
        return Err(invalid(format!("lifetime must be less than {max}")));
    }
    Ok(lifetime)
}

/// A lifetime from now on that ends at `end` at the latest, and lasts a second at least.
fn within(lifetime: Duration, end: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let left = end.map(|end| (end - now).to_std().unwrap_or_default());
    left.map_or(lifetime, |left| lifetime.min(left))
        .max(Duration::from_secs(1))
}

fn invalid(detail: String) -> Failure {
    Refused::fields(
        "lifetime",
        "Failed to validate create API key request.",
        Vec::new(),
    )
    .with_detail(detail)
    .into()
}

fn name_taken(name: &str) -> Refused {
    Refused::taken(
        format!("A token with name \"{name}\" already exists."),
        "token_name",
        "This value is already in use and should be unique.",
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_lifetime_is_positive_and_bounded() {
        let max = Duration::from_hours(1);
        assert_eq!(lifetime(0, max).unwrap(), max);
        assert_eq!(lifetime(0, DEFAULT_LIFETIME * 2).unwrap(), DEFAULT_LIFETIME);
        assert_eq!(
            lifetime(2_000_000_000, max).unwrap(),
            Duration::from_secs(2)
        );
        for bad in [-1, 1, 999_999_999, 3_600_000_000_001, i64::MAX, i64::MIN] {
            let Err(Failure::Refused(refused)) = lifetime(bad, max) else {
                panic!("{bad}");
            };
            assert!(refused.detail.is_some());
        }
    }

    #[test]
    fn what_a_token_makes_ends_no_later_than_it() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let hour = Duration::from_hours(1);
        assert_eq!(within(hour, None, now), hour);
        let soon = now + TimeDelta::minutes(1);
        assert_eq!(within(hour, Some(soon), now), Duration::from_mins(1));
        assert_eq!(within(hour, Some(now + TimeDelta::hours(2)), now), hour);
    }
}
