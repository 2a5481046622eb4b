//! What a bearer token names, as the log has it: an API key or an OAuth2 access token, with its user and what that one is in
//! organizations.
//!
//! It is found in the streams themselves and never in a read model, so what was ended stays ended, whatever becomes of the
//! tables. Whether it is good (secret, expiry, audience, status of the user) is for the caller to check.

#[cfg(test)]
mod tests;

use chancery_aggregates::api_key::{ApiKey, Origin, Scope};
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::{OAuth2App, OAuth2AppId};
use chancery_aggregates::oauth2_grant::{OAuth2Grant, Stage};
use chancery_aggregates::organization::{Organization, OrganizationId};
use chancery_aggregates::organization_member::{OrganizationMember, memberships_of};
use chancery_aggregates::user::{self, User, UserId};
use chancery_aggregates::{Life, Noun};
use chancery_ledger::{Present, Seen, StreamName};
use chancery_projections::organization::Membership;
use chancery_projections::user::User as UserRow;
use chrono::{DateTime, Utc};

use crate::failure::Failure;
use crate::leave::Thing;
use crate::unit::Unit;

/// An API key or an OAuth2 access token, with its user.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The ten characters before the dash of the token's text: the name of its stream.
    pub key_id: String,
    /// SHA-256 of the part after the dash.
    pub hashed_secret: HashedSecret,
    /// How an API key came to be; `None` for an access token.
    pub origin: Option<Origin>,
    /// What an API key may do. An access token may do all that its user may.
    pub scope: Scope,
    /// The grant behind an access token; `None` for API keys.
    pub oauth2: Option<Access>,
    /// Lifetime that a session's use renews, in seconds.
    pub lifetime_seconds: i64,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// End of validity.
    pub expires_at: DateTime<Utc>,
    /// Whose it is.
    pub user: UserRow,
    /// What the user is in its organizations, in order of joining.
    pub memberships: Vec<Membership>,
    seen: (Token, OwnerSeen),
}

/// The user and its memberships as they were found.
#[derive(Clone, Debug)]
struct OwnerSeen {
    user: Seen<User>,
    memberships: Vec<Seen<OrganizationMember>>,
}

/// What an app may do with an access token.
#[derive(Clone, Debug)]
pub struct Access {
    /// The grant.
    pub grant_id: String,
    /// The app that holds it.
    pub app_id: OAuth2AppId,
    /// The resource that the token is bound to (RFC 8707).
    pub audience: Option<String>,
    /// The granted scope, space-separated; may be empty.
    pub scope: String,
}

/// The stream of a token.
#[derive(Clone, Debug)]
enum Token {
    Key(Seen<ApiKey>),
    Grant(Seen<OAuth2Grant>),
}

impl Credential {
    /// Finds a credential by the id in its text.
    pub(crate) async fn find(view: &Present, key_id: &str) -> Result<Option<Self>, Failure> {
        let (key, grant) = tokio::try_join!(
            view.state::<ApiKey>(key_id),
            view.state::<OAuth2Grant>(key_id)
        )?;
        if key.state.life.live().is_some() {
            return Self::of_key(view, key_id, key).await;
        }
        Self::of_grant(view, key_id, grant).await
    }

    async fn of_key(
        view: &Present,
        key_id: &str,
        seen: Seen<ApiKey>,
    ) -> Result<Option<Self>, Failure> {
        let Some(key) = seen.state.life.live() else {
            return Ok(None);
        };
        let Some(owner) = Owner::find(view, key.user_id, key.credential_generation).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            key_id: key_id.to_owned(),
            hashed_secret: key.hashed_secret.clone(),
            origin: Some(key.origin),
            scope: key.scope,
            oauth2: None,
            lifetime_seconds: key.lifetime_seconds,
            issued_at: seen.state.created_at,
            expires_at: key.expires_at,
            user: owner.row,
            memberships: owner.memberships,
            seen: (Token::Key(seen), owner.seen),
        }))
    }

    async fn of_grant(
        view: &Present,
        key_id: &str,
        seen: Seen<OAuth2Grant>,
    ) -> Result<Option<Self>, Failure> {
        let Some(grant) = seen.state.life.live() else {
            return Ok(None);
        };
        let Some(tokens) = &grant.generation else {
            return Ok(None);
        };
        if !is_in_force(view, key_id, grant).await? {
            return Ok(None);
        }
        let authorization = &grant.authorization;
        let (user_id, generation) = (authorization.user_id, authorization.credential_generation);
        let Some(owner) = Owner::find(view, user_id, generation).await? else {
            return Ok(None);
        };
        let lifetime = tokens.access_token_expires_at - tokens.issued_at;
        Ok(Some(Self {
            key_id: key_id.to_owned(),
            hashed_secret: tokens.hashed_secret.clone(),
            origin: None,
            scope: Scope::All,
            oauth2: Some(Access {
                grant_id: key_id.to_owned(),
                app_id: authorization.app_id,
                audience: authorization.resource_uri.clone(),
                scope: authorization.scope.clone(),
            }),
            lifetime_seconds: lifetime.num_seconds(),
            issued_at: tokens.issued_at,
            expires_at: tokens.access_token_expires_at,
            user: owner.row,
            memberships: owner.memberships,
            seen: (Token::Grant(seen), owner.seen),
        }))
    }

    /// The user as the log has it.
    pub(crate) fn account(&self) -> Option<&User> {
        self.user_seen().state.life.live()
    }

    /// The user's stream as it was found.
    pub(crate) fn user_seen(&self) -> &Seen<User> {
        &self.seen.1.user
    }

    /// The stream of the user's membership in an organization as it was found, if there was one.
    pub(crate) fn membership_seen(
        &self,
        organization_id: OrganizationId,
    ) -> Option<&Seen<OrganizationMember>> {
        self.seen.1.memberships.iter().find(|seen| {
            let membership = seen.state.life.live();
            membership.is_some_and(|live| live.organization_id == organization_id)
        })
    }

    /// Names what the credential is in the unit's append: should any of it change in between, the unit is not recorded.
    pub(crate) fn rest_on<T: Thing>(&self, unit: &mut Unit<'_, T>) -> Result<(), Failure> {
        match &self.seen.0 {
            Token::Key(seen) => unit.rests_on(&self.key_id, seen)?,
            Token::Grant(seen) => unit.rests_on(&self.key_id, seen)?,
        }
        unit.rests_on(&self.user.id.to_string(), self.user_seen())
    }
}

/// Whether nothing took a grant's place and nothing ended that it was made with: the app, the client secret.
pub(crate) async fn is_in_force(
    view: &Present,
    grant_id: &str,
    grant: &OAuth2Grant,
) -> Result<bool, Failure> {
    if grant.stage != Stage::Exchanged {
        return Ok(false);
    }
    if let Some(place) = grant.authorization.place() {
        let holder = view.holder(&place.grant_key()).await?;
        if holder != Some(StreamName::new(OAuth2Grant::TYPE, grant_id)) {
            return Ok(false);
        }
    }
    has_its_app(view, grant).await
}

/// Whether the app of a grant, and the client secret that it was exchanged with, are still there.
pub(crate) async fn has_its_app(view: &Present, grant: &OAuth2Grant) -> Result<bool, Failure> {
    let app_id = grant.authorization.app_id.to_string();
    let app = view.state::<OAuth2App>(&app_id).await?;
    let live = app.state.life.live();
    Ok(live.is_some_and(|app| app.has_secret(grant.app_secret_id)))
}

/// A user with what it is in its organizations.
struct Owner {
    seen: OwnerSeen,
    row: UserRow,
    memberships: Vec<Membership>,
}

impl Owner {
    /// The user, if all that was handed out to it in `generation` is still good. One that is suspended is found: it is refused for
    /// that, and whoever shows its token is told so.
    async fn find(view: &Present, id: UserId, generation: u32) -> Result<Option<Self>, Failure> {
        let seen = view.state::<User>(&id.to_string()).await?;
        let Life::Live(user) = &seen.state.life else {
            return Ok(None);
        };
        if user.credential_generation != generation && may_sign_in(user.status) {
            return Ok(None);
        }
        let joined = memberships(view, id).await?;
        let (memberships, membership_streams): (Vec<_>, Vec<_>) = joined.into_iter().unzip();
        let organization_ids = memberships.iter().map(|one| one.organization_id);
        let row = UserRow {
            id,
            username: user.username.expose().clone(),
            email: user.email.expose().clone(),
            name: user.name.expose().clone(),
            login_type: user.login_type,
            status: user.status,
            roles: user.roles.clone(),
            organization_ids: organization_ids.collect(),
            created_at: seen.state.created_at,
            updated_at: seen.state.updated_at,
            last_seen_at: None,
        };
        let seen = OwnerSeen {
            user: seen,
            memberships: membership_streams,
        };
        Ok(Some(Self {
            seen,
            row,
            memberships,
        }))
    }
}

/// What a user is in its organizations, in order of joining, each with the stream that says so.
async fn memberships(
    view: &Present,
    user_id: UserId,
) -> Result<Vec<(Membership, Seen<OrganizationMember>)>, Failure> {
    let mut joined = Vec::new();
    for stream in view.family(&memberships_of(user_id)).await?.values() {
        let member = view
            .state::<OrganizationMember>(&stream.aggregate_id)
            .await?;
        let Some(membership) = member.state.life.live() else {
            continue;
        };
        let id = membership.organization_id;
        // A membership ends with its organization, without an event of its own.
        let organization = view.state::<Organization>(&id.to_string()).await?;
        if organization.state.life.live().is_some() {
            let membership = Membership {
                organization_id: id,
                roles: membership.roles.clone(),
            };
            joined.push((membership, member));
        }
    }
    joined.sort_by_key(|(membership, seen)| (seen.state.created_at, membership.organization_id));
    Ok(joined)
}

/// Whether tokens may act for a user of this status.
pub(crate) fn may_sign_in(status: user::Status) -> bool {
    match status {
        user::Status::Active | user::Status::Dormant => true,
        user::Status::Suspended => false,
    }
}
