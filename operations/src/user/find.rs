//! Finding users.

use chancery_projections::user::{self, UserRef};

use super::{User, UserFilter, UserPage};
use crate::Caller;
use crate::failure::Failure;
use crate::policy::Resource;
use crate::reference::whole_uuid;

/// The user that `text` names: by its UUID, its user name, or `me`. One that the caller does not see is not found.
///
/// The caller itself is known from its token already, as the log has it.
pub async fn find(caller: &Caller, text: &str) -> Result<User, Failure> {
    let reference = match whole_uuid(text) {
        _ if text == "me" => return Ok(caller.credential().user.clone()),
        Some(id) if id == caller.user_id() => return Ok(caller.credential().user.clone()),
        Some(id) => UserRef::Id(id),
        None => UserRef::Username(text),
    };
    let found = user::find(caller.services().pool(), reference).await?;
    let mut user = found.ok_or(Failure::NotFound)?;
    caller.sees(Resource::User(user.id))?;
    date(caller, &mut user);
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
    let (mut users, count) =
        tokio::try_join!(user::list(pool, &filter, page), user::count(pool, &filter))?;
    users.iter_mut().for_each(|user| date(caller, user));
    Ok((users, count))
}

/// How a user signs in.
pub fn login_type(caller: &Caller, user: User) -> Result<String, Failure> {
    caller.sees(Resource::PersonalData { user_id: user.id })?;
    Ok(user.login_type)
}

/// A user that the caller has just changed.
pub(super) async fn changed(caller: &Caller, id: uuid::Uuid) -> Result<User, Failure> {
    let found = user::find(caller.services().pool(), UserRef::Id(id)).await?;
    let mut user = found.ok_or(Failure::NotFound)?;
    date(caller, &mut user);
    Ok(user)
}

/// The caller is seen right now, which its row will say a little later.
fn date(caller: &Caller, user: &mut User) {
    if user.id == caller.user_id() {
        user.last_seen_at = caller.credential().user.last_seen_at;
    }
}
