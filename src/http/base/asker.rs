//! Whom a request turned out to be from, for the log.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use uuid::Uuid;

/// Told by whoever finds out; read when the request is answered. A request's extension.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    user: OnceLock<Uuid>,
    app: OnceLock<Uuid>,
}

impl Asker {
    /// The one of a request.
    pub fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// It is a user, who has shown a valid token.
    pub fn is_user(&self, id: Uuid) {
        // Who asked is found out once; a second time it is the same.
        self.0.user.get_or_init(|| id);
    }

    /// It is an app, which has shown its credentials.
    pub fn is_app(&self, id: Uuid) {
        self.0.app.get_or_init(|| id);
    }

    /// The user.
    pub fn user(&self) -> Option<Uuid> {
        self.0.user.get().copied()
    }

    /// The app.
    pub fn app(&self) -> Option<Uuid> {
        self.0.app.get().copied()
    }
}
