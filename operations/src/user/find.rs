//! Finding users.

use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::user::UserId;
use chancery_projections::user::{self, UserRef};

use super::{User, UserFilter, UserPage};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Resource;
use crate::reference::whole_id;

/// The user that `text` names: by its UUID, its user name, or `me`. One that the caller does not see is not found.
///
/// The caller itself is known from its token already, as the log has it.
pub async fn find(caller: &Caller, text: &str) -> Result<User, Failure> {
    let reference = match whole_id(text) {
        _ if text == "me" => return oneself(caller).await,
        Some(id) if id == caller.user_id() => return oneself(caller).await,
        Some(id) => UserRef::Id(id),
        None => UserRef::Username(text),
    };
    let found = user::find(caller.services().pool(), reference).await?;
    let user = found.ok_or(Failure::NotFound)?;
    caller.sees(Resource::User(user.id))?;
    Ok(user)
}

/// The users that match, and how many there are. Who does not see all users finds itself alone.
pub async fn list(
    caller: &Caller,
    mut filter: UserFilter,
    page: UserPage,
) -> Result<(Vec<User>, i64), Failure> {
    if caller.sees(Resource::Users).is_err() {
        filter.only = Some(caller.user_id());
    }
    let pool = caller.services().pool();
    let (users, count) =
        tokio::try_join!(user::list(pool, &filter, page), user::count(pool, &filter))?;
    Ok((users, count))
}

/// How a user signs in.
pub fn login_type(caller: &Caller, user: &User) -> Result<LoginType, Failure> {
    caller.sees(Resource::PersonalData { user_id: user.id })?;
    Ok(user.login_type)
}

/// A user that the caller has just changed.
pub(super) async fn changed(caller: &Caller, id: UserId) -> Result<User, Failure> {
    let found = user::find(caller.services().pool(), UserRef::Id(id)).await?;
    found.ok_or(Failure::NotFound)
}

/// The caller, as the log has it, and when it was last seen.
async fn oneself(caller: &Caller) -> Result<User, Failure> {
    let services = caller.services();
    let user = &caller.credential().user;
    Ok(User {
        last_seen_at: services
            .key_use()
            .last_seen(services.pool(), user.id)
            .await?,
        ..user.clone()
    })
}
