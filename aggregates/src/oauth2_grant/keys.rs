//! One live code and one live grant in each place, for exclusive grants.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::Event;
use crate::UniqueKey;
use crate::oauth2::resource::normalise_audience;
use crate::oauth2::secret_text::HashedSecret;
use crate::oauth2_app::OAuth2AppId;
use crate::user::UserId;

/// Which other grants of a user a grant takes the place of.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Exclusive {
    /// None: the app allows several.
    #[default]
    No,
    /// Those for the same app.
    PerApp,
    /// Those for the same app and resource.
    PerResource,
}

chancery_noun::named!(Exclusive);

/// Where only one grant of a user lives: an app, or an app at a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place(String);

impl Exclusive {
    /// How a new grant is exclusive, when its app allows a user one alone.
    pub fn of_request(resource: Option<&str>) -> Self {
        if resource.is_some() {
            Self::PerResource
        } else {
            Self::PerApp
        }
    }

    /// The place that such a grant takes; `None`: it shares.
    pub fn place(
        self,
        user_id: UserId,
        app_id: OAuth2AppId,
        resource: Option<&str>,
    ) -> Option<Place> {
        match self {
            Self::No => None,
            Self::PerApp => Some(Place::of_app(user_id, app_id)),
            Self::PerResource => Some(resource.map_or_else(
                || Place::of_app(user_id, app_id),
                |resource| Place::at(resource, user_id, app_id),
            )),
        }
    }
}

impl Place {
    fn of_app(user_id: UserId, app_id: OAuth2AppId) -> Self {
        Self(format!("{user_id}:{app_id}"))
    }

    /// Spellings of one resource are one place. Its hash keeps the key short.
    fn at(resource: &str, user_id: UserId, app_id: OAuth2AppId) -> Self {
        let resource = normalise_audience(resource).unwrap_or_else(|| resource.to_owned());
        let hash = HashedSecret::of(&resource);
        Self(format!("{user_id}:{app_id}:{}", hash.as_str()))
    }

    /// The unique key that the latest code there holds.
    pub fn code_key(&self) -> String {
        format!("oauth2_code:{}", self.0)
    }

    /// The unique key that the live grant there holds.
    pub fn grant_key(&self) -> String {
        format!("oauth2_grant:{}", self.0)
    }
}

pub(super) fn of(event: &Event) -> Vec<UniqueKey> {
    match event {
        Event::CodeIssued {
            app_id,
            user_id,
            resource_uri,
            exclusive,
            ..
        } => {
            let place = exclusive.place(*user_id, *app_id, resource_uri.as_deref());
            let seized = place.map(|place| UniqueKey::Seize(place.code_key()));
            seized.into_iter().collect()
        }
        Event::CodeExchanged {
            app_id,
            user_id,
            audience,
            exclusive,
            ..
        } => exclusive
            .place(*user_id, *app_id, audience.as_deref())
            .map_or_else(Vec::new, |place| {
                vec![
                    UniqueKey::Require(place.code_key()),
                    UniqueKey::Free(place.code_key()),
                    UniqueKey::Seize(place.grant_key()),
                ]
            }),
        Event::TokenRefreshed {
            app_id,
            user_id,
            audience,
            exclusive,
            ..
        } => {
            let place = exclusive.place(*user_id, *app_id, audience.as_deref());
            let required = place.map(|place| UniqueKey::Require(place.grant_key()));
            required.into_iter().collect()
        }
        // Freeing what another stream holds, or nobody does, changes nothing.
        Event::GrantRevoked {
            app_id,
            user_id,
            resource_uri,
            ..
        } => {
            let of_app = Place::of_app(*user_id, *app_id);
            let at_resource = resource_uri.as_deref();
            let at_resource = at_resource.map(|resource| Place::at(resource, *user_id, *app_id));
            std::iter::once(of_app)
                .chain(at_resource)
                .flat_map(|place| [place.code_key(), place.grant_key()])
                .map(UniqueKey::Free)
                .collect()
        }
        Event::ExchangeRefused { .. } | Event::RefreshRefused { .. } => Vec::new(),
    }
}
