//! The look-ups that nearly every request makes, coalesced.

use sqlx::PgPool;
use uuid::Uuid;

use crate::credential::{self, Credential};
use crate::loader::{Loader, LookupError};
use crate::oauth2_app::{self, Client};
use crate::user;

/// Coalescing loaders over [`Projections::pool`](crate::Projections::pool). Clones share them.
#[derive(Clone)]
pub struct Readers {
    credentials: Loader<String, Credential>,
    clients: Loader<Uuid, Client>,
    user_statuses: Loader<Uuid, String>,
}

impl Readers {
    /// Starts the loaders. Within a Tokio runtime.
    pub fn new(pool: &PgPool) -> Self {
        let credentials = pool.clone();
        let clients = pool.clone();
        let users = pool.clone();
        Self {
            credentials: Loader::new(Box::new(move |ids| {
                let pool = credentials.clone();
                Box::pin(async move { credential::find_many(&pool, &ids).await })
            })),
            clients: Loader::new(Box::new(move |ids| {
                let pool = clients.clone();
                Box::pin(async move { oauth2_app::find_clients(&pool, &ids).await })
            })),
            user_statuses: Loader::new(Box::new(move |ids| {
                let pool = users.clone();
                Box::pin(async move { user::find_statuses(&pool, &ids).await })
            })),
        }
    }

    /// The API key or OAuth2 access token of this id (the ten characters before the dash), with its user.
    pub async fn credential(&self, key_id: &str) -> Result<Option<Credential>, LookupError> {
        self.credentials.load(key_id.to_owned()).await
    }

    /// The OAuth2 app with its secrets: what client authentication needs.
    pub async fn client(&self, app_id: Uuid) -> Result<Option<Client>, LookupError> {
        self.clients.load(app_id).await
    }

    /// The status of a user: `active`, `dormant` or `suspended`.
    pub async fn user_status(&self, user_id: Uuid) -> Result<Option<String>, LookupError> {
        self.user_statuses.load(user_id).await
    }
}
