//! Whom a request turned out to be from, for the log.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::user::UserId;

/// Told by whoever finds out; read when the request is answered. A request's extension.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    user: OnceLock<UserId>,
    app: OnceLock<OAuth2AppId>,
}

impl Asker {
    /// The one of a request.
    pub fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// It is a user, who has shown a valid token.
    pub fn is_user(&self, id: UserId) {
        // Who asked is found out once; a second time it is the same.
        self.0.user.get_or_init(|| id);
    }

    /// It is an app, which has shown its credentials.
    pub fn is_app(&self, id: OAuth2AppId) {
        self.0.app.get_or_init(|| id);
    }

    /// The user.
    pub fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }

    /// The app.
    pub fn app(&self) -> Option<OAuth2AppId> {
        self.0.app.get().copied()
    }
}
