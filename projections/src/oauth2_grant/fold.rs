//! What a batch of events comes to.

use std::collections::{BTreeSet, HashMap, HashSet};

use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::oauth2_grant::{Event, Exclusive, Place};
use chancery_aggregates::user::UserId;
use chrono::{DateTime, Utc};

use super::row::{Grant, Status};

type UserAndApp = (UserId, OAuth2AppId);

/// The grants that a batch touches, and those it may supersede.
#[derive(Default)]
pub(super) struct Fold {
    grants: HashMap<String, Grant>,
    exclusive: HashMap<Place, BTreeSet<String>>,
    changed: BTreeSet<String>,
    new: BTreeSet<String>,
}

/// What is to be written of a batch, by id.
pub(super) struct Changes {
    /// Grants without a row.
    pub(super) new: Vec<Grant>,
    /// Grants whose row has to be changed.
    pub(super) changed: Vec<Grant>,
}

impl Fold {
    /// Starts from rows of the table.
    pub(super) fn new(rows: Vec<Grant>) -> Self {
        let mut fold = Self::default();
        for row in rows {
            fold.insert(row);
        }
        fold
    }

    fn insert(&mut self, grant: Grant) {
        if let Some(place) = grant.place().filter(|_| grant.status.is_live()) {
            let holders = self.exclusive.entry(place).or_default();
            holders.insert(grant.id.clone());
        }
        self.grants.insert(grant.id.clone(), grant);
    }

    /// What the batch came to.
    pub(super) fn into_changes(mut self) -> Changes {
        let mut take =
            |ids: BTreeSet<String>| ids.iter().filter_map(|id| self.grants.remove(id)).collect();
        Changes {
            new: take(self.new),
            changed: take(self.changed),
        }
    }

    /// Applies an event to its grant. A grant without a row was removed together with its app or client secret: what
    /// was recorded for it at the same time changes nothing.
    pub(super) fn apply(&mut self, id: &str, event: Event, recorded_at: DateTime<Utc>) {
        match event {
            Event::CodeIssued {
                app_id,
                user_id,
                redirect_uri,
                resource_uri,
                code_challenge,
                code_challenge_method,
                scope,
                exclusive,
                code_expires_at,
                issued_at,
                credential_generation: _,
                hashed_code: _,
                state_hash: _,
            } => {
                let place = exclusive.place(user_id, app_id, resource_uri.as_deref());
                if let Some(place) = place {
                    self.supersede(&place, Status::CodeIssued, id, recorded_at);
                }
                self.insert(Grant {
                    id: id.to_owned(),
                    app_id,
                    user_id,
                    status: Status::CodeIssued,
                    exclusive,
                    redirect_uri,
                    resource_uri,
                    code_challenge,
                    code_challenge_method,
                    scope,
                    code_expires_at,
                    issued_at,
                    ..Grant::default()
                });
                self.new.insert(id.to_owned());
            }
            Event::CodeExchanged {
                app_id,
                user_id,
                app_secret_id,
                audience,
                scope,
                access_token_expires_at,
                refresh_token_expires_at,
                exclusive,
                exchanged_at,
                hashed_secret: _,
                hashed_refresh_token: _,
            } => {
                let Some(grant) = self.in_status(id, |status| status == Status::CodeIssued) else {
                    return;
                };
                grant.status = Status::Exchanged;
                grant.app_secret_id = app_secret_id;
                let place = exclusive.place(user_id, app_id, audience.as_deref());
                grant.audience = audience;
                grant.scope = scope;
                grant.access_token_expires_at = Some(access_token_expires_at);
                grant.refresh_token_expires_at = Some(refresh_token_expires_at);
                grant.exchanged_at = Some(exchanged_at);
                if let Some(place) = place {
                    self.supersede(&place, Status::Exchanged, id, recorded_at);
                }
            }
            Event::TokenRefreshed {
                audience,
                scope,
                access_token_expires_at,
                refresh_token_expires_at,
                refreshed_at,
                ..
            } => {
                let Some(grant) = self.in_status(id, |status| status == Status::Exchanged) else {
                    return;
                };
                grant.audience = audience;
                grant.scope = scope;
                grant.access_token_expires_at = Some(access_token_expires_at);
                grant.refresh_token_expires_at = Some(refresh_token_expires_at);
                grant.refreshed_at = Some(refreshed_at);
            }
            Event::GrantRevoked { reason, .. } => {
                let Some(grant) = self.in_status(id, Status::is_live) else {
                    return;
                };
                grant.status = Status::Revoked;
                grant.ended_at = Some(recorded_at);
                grant.revocation_reason = Some(reason.as_str().to_owned());
            }
            // A refusal leaves the grant as it is; the audit trail shows it.
            Event::ExchangeRefused { .. } | Event::RefreshRefused { .. } => {}
        }
    }

    /// The grant if it is in such a status, marked as changed.
    fn in_status(&mut self, id: &str, wanted: impl Fn(Status) -> bool) -> Option<&mut Grant> {
        let grant = self
            .grants
            .get_mut(id)
            .filter(|grant| wanted(grant.status))?;
        if !self.new.contains(id) {
            self.changed.insert(id.to_owned());
        }
        Some(grant)
    }

    /// Ends the other grants in the place that are in `status`: a newer code takes the place of codes, newer tokens that of
    /// tokens. These are the moves of the aggregate's unique keys.
    fn supersede(&mut self, place: &Place, status: Status, by: &str, recorded_at: DateTime<Utc>) {
        for id in self
            .exclusive
            .get(place)
            .into_iter()
            .flatten()
            .filter(|id| *id != by)
        {
            if let Some(grant) = self
                .grants
                .get_mut(id)
                .filter(|grant| grant.status == status)
            {
                grant.status = Status::Superseded;
                grant.ended_at = Some(recorded_at);
                if !self.new.contains(id) {
                    self.changed.insert(id.clone());
                }
            }
        }
    }
}

/// What has to be read before a batch can be folded: its grants, and the pairs whose live exclusive grants it may
/// supersede.
#[derive(Default)]
pub(super) struct Needed {
    issued: HashSet<String>,
    ids: BTreeSet<String>,
    pairs: BTreeSet<UserAndApp>,
}

impl Needed {
    pub(super) fn add(&mut self, id: &str, event: &Event) {
        match event {
            Event::CodeIssued {
                user_id,
                app_id,
                exclusive,
                ..
            } => {
                self.issued.insert(id.to_owned());
                if *exclusive != Exclusive::No {
                    self.pairs.insert((*user_id, *app_id));
                }
            }
            Event::CodeExchanged {
                user_id,
                app_id,
                exclusive,
                ..
            } => {
                self.need(id);
                if *exclusive != Exclusive::No {
                    self.pairs.insert((*user_id, *app_id));
                }
            }
            Event::TokenRefreshed { .. } | Event::GrantRevoked { .. } => self.need(id),
            Event::ExchangeRefused { .. } | Event::RefreshRefused { .. } => {}
        }
    }

    /// A grant that the batch itself began has no row yet.
    fn need(&mut self, id: &str) {
        if !self.issued.contains(id) {
            self.ids.insert(id.to_owned());
        }
    }

    /// The grants.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.ids.iter().map(String::as_str).collect()
    }

    /// The pairs as two columns: users and apps.
    pub(super) fn pairs(&self) -> (Vec<UserId>, Vec<OAuth2AppId>) {
        self.pairs.iter().copied().unzip()
    }
}
