//! One live code and one live grant per user and app, for exclusive grants.

use uuid::Uuid;

use super::Event;
use crate::UniqueKey;

/// The unique key that the latest exclusive code of a user for an app holds.
pub fn code_key(user_id: Uuid, app_id: Uuid) -> String {
    format!("oauth2_code:{user_id}:{app_id}")
}

/// The unique key that the live exclusive grant of a user for an app holds.
pub fn grant_key(user_id: Uuid, app_id: Uuid) -> String {
    format!("oauth2_grant:{user_id}:{app_id}")
}

pub(super) fn of(event: &Event) -> Vec<UniqueKey> {
    match event {
        Event::CodeIssued {
            app_id,
            user_id,
            exclusive: true,
            ..
        } => {
            vec![UniqueKey::Seize(code_key(*user_id, *app_id))]
        }
        Event::CodeExchanged {
            app_id,
            user_id,
            exclusive: true,
            ..
        } => {
            let code = code_key(*user_id, *app_id);
            vec![
                UniqueKey::Require(code.clone()),
                UniqueKey::Free(code),
                UniqueKey::Seize(grant_key(*user_id, *app_id)),
            ]
        }
        Event::TokenRefreshed {
            app_id,
            user_id,
            exclusive: true,
            ..
        } => {
            vec![UniqueKey::Require(grant_key(*user_id, *app_id))]
        }
        // Freeing what another stream holds, or nobody does, changes nothing.
        Event::GrantRevoked {
            app_id, user_id, ..
        } => vec![
            UniqueKey::Free(code_key(*user_id, *app_id)),
            UniqueKey::Free(grant_key(*user_id, *app_id)),
        ],
        Event::CodeIssued { .. }
        | Event::CodeExchanged { .. }
        | Event::TokenRefreshed { .. }
        | Event::ExchangeRefused { .. }
        | Event::RefreshRefused { .. } => Vec::new(),
    }
}
