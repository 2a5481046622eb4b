//! `GET /api/v2/audit`.

use axum::extract::State;
use chancery_projections::ProjectionName;
use chancery_projections::audit::{self, AuditEntry, AuditFilter, AuditPage};
use chancery_projections::organization::{self, OrganizationRef};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::model::AuditLogModel;
use crate::http::pagination::Pagination;
use crate::http::search_query::SearchQuery;
use crate::http::{ApiError, AppState, ErrorBody, Json, Query, Session, Validation};
use crate::policy::{Action, OrganizationPart, Resource};

const DEFAULT_LIMIT: i64 = 100;

const ACTIONS: &[&str] = &[
    "create",
    "write",
    "delete",
    "start",
    "stop",
    "login",
    "logout",
    "register",
    "request_password_reset",
    "connect",
    "disconnect",
    "open",
    "close",
];

/// What is searched for, and which part of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// A search: `resource_type:`, `resource_id:`, `resource_target:`, `username:` (`me` too), `email:`, `date_from:`, `date_to:`,
    /// `organization:`, `action:`, `request_id:`; a bare word is a resource type.
    #[serde(default)]
    q: String,
    /// At most so many entries; 100 when 0 or absent.
    #[param(value_type = Option<i64>)]
    limit: Option<String>,
    /// After so many of the newest.
    #[param(value_type = Option<i64>)]
    offset: Option<String>,
    /// Entries after this one, which are older. Pages stay whole while new entries come in. None when there is no such entry.
    #[param(value_type = Option<Uuid>)]
    after_id: Option<String>,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditLogResponse)]
pub struct AuditLogs {
    /// The entries, newest first.
    audit_logs: Vec<AuditLogModel>,
    /// How many there are in all. More than 2000 are not counted: then as many as that, or as the page reaches.
    count: i64,
}

/// The audit trail, newest first. Everything that was recorded before the request is in it. Admins and auditors of an
/// organization see the entries of their organizations.
#[utoipa::path(
    get,
    path = "/api/v2/audit",
    tag = "Audit",
    params(Parameters),
    responses(
        (status = 200, body = AuditLogs),
        (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
    )
)]
pub async fn list_audit_logs(
    State(state): State<AppState>,
    session: Session,
    Query(parameters): Query<Parameters>,
) -> Result<Json<AuditLogs>, ApiError> {
    let scope = Scope::of(&session)?;
    let page = Pagination::parse(
        parameters.limit.as_deref(),
        parameters.offset.as_deref(),
        parameters.after_id.as_deref(),
    )?;
    let head = state.ledger_head();
    let search = Search::parse(&parameters.q, session.user_id()).map_err(invalid)?;
    let Some(filter) = search.into_filter(&state, &session, &scope).await? else {
        return Ok(Json(AuditLogs {
            audit_logs: Vec::new(),
            count: 0,
        }));
    };
    state.wait_for(ProjectionName::AUDIT, head).await?;
    for shown_too in [
        ProjectionName::OAUTH2_APP,
        ProjectionName::OAUTH2_GRANT,
        ProjectionName::ORGANIZATION,
    ] {
        // Whether something is deleted by now comes from these; one that is behind does not keep the trail from being read.
        if let Err(behind) = state.projections.wait_for(shown_too, head).await {
            tracing::debug!(%behind, "the trail does not know what is deleted by now");
        }
    }
    let page = AuditPage {
        after_id: page.after_id,
        limit: if page.limit == 0 {
            DEFAULT_LIMIT
        } else {
            page.limit
        },
        offset: page.offset,
    };
    let reader = state.ledger.reader();
    let found = audit::list(state.projections.pool(), &reader, &filter, page).await?;
    let entries = found.entries.into_iter().map(|entry| scope.shown(entry));
    Ok(Json(AuditLogs {
        audit_logs: entries.map(AuditLogModel::from).collect(),
        count: found.count,
    }))
}

/// Which entries the one who asks may see.
#[derive(Debug, PartialEq, Eq)]
enum Scope {
    All,
    /// Those of organizations that the caller administers or audits.
    Organizations {
        audited: Vec<Uuid>,
        /// Every organization that the caller knows to exist.
        known: Vec<Uuid>,
    },
}

impl Scope {
    fn of(session: &Session) -> Result<Self, ApiError> {
        let Err(refused) = session.decide(Action::Read, Resource::Audit) else {
            return Ok(Self::All);
        };
        let subject = session.subject();
        let audited = subject.organizations_with_readable_audit();
        if audited.is_empty() {
            return Err(refused);
        }
        let memberships = subject.memberships.iter();
        Ok(Self::Organizations {
            audited,
            known: memberships.map(|one| one.organization_id).collect(),
        })
    }

    /// Narrows `filter`, which asks for one organization or for all. False when nothing is left.
    fn narrow(&self, filter: &mut AuditFilter) -> bool {
        let Self::Organizations { audited, .. } = self else {
            return true;
        };
        if let Some(asked) = filter.organization_id {
            return audited.contains(&asked);
        }
        filter.organizations = Some(audited.clone());
        true
    }

    /// The entry without what it would tell of other organizations: to which of them the one who acted belongs.
    fn shown(&self, mut entry: AuditEntry) -> AuditEntry {
        if let (Self::Organizations { known, .. }, Some(user)) = (self, &mut entry.user) {
            user.organization_ids.retain(|id| known.contains(id));
        }
        entry
    }
}

fn invalid(validations: Vec<Validation>) -> ApiError {
    ApiError::bad_request("Invalid audit search query.").with_validations(validations)
}

#[derive(Debug, PartialEq, Eq)]
struct Search {
    filter: AuditFilter,
    organization: Option<String>,
    build_reason: Option<String>,
}

impl Search {
    fn parse(q: &str, me: Uuid) -> Result<Self, Vec<Validation>> {
        let mut query = SearchQuery::parse(q, "resource_type");
        let username = query.text("username");
        let own = username.as_deref() == Some("me");
        let filter = AuditFilter {
            resource_type: query.text("resource_type").map(|text| text.to_lowercase()),
            resource_id: query.uuid("resource_id"),
            resource_target: query.text("resource_target"),
            user_id: own.then_some(me),
            username: username.filter(|_| !own),
            email: query.text("email"),
            date_from: query.day_start("date_from"),
            date_to: query.day_end("date_to"),
            organization_id: None,
            action: query.one_of("action", ACTIONS),
            request_id: query.uuid("request_id"),
            organizations: None,
        };
        let search = Self {
            filter,
            organization: query.text("organization"),
            build_reason: query.text("build_reason"),
        };
        query.finish()?;
        Ok(search)
    }

    /// The filter with the organization looked up. None when nothing can match: builds have reasons, and there are no builds.
    async fn into_filter(
        mut self,
        state: &AppState,
        session: &Session,
        scope: &Scope,
    ) -> Result<Option<AuditFilter>, ApiError> {
        if self.build_reason.is_some() {
            return Ok(None);
        }
        if let Some(text) = &self.organization {
            let found = organization::find(state.projections.pool(), reference(text)).await?;
            let Some(organization) = found.filter(|found| {
                let part = OrganizationPart::Profile;
                let resource = Resource::Organization { id: found.id, part };
                session.decide(Action::Read, resource).is_ok()
            }) else {
                let detail = format!(
                    "Query param \"organization\" has invalid value: organization \"{text}\" does not exist"
                );
                return Err(invalid(vec![Validation::new("organization", detail)]));
            };
            self.filter.organization_id = Some(organization.id);
        }
        Ok(scope.narrow(&mut self.filter).then_some(self.filter))
    }
}

fn reference(text: &str) -> OrganizationRef<'_> {
    match Uuid::parse_str(text) {
        Ok(id) => OrganizationRef::Id(id),
        Err(_) if text == "default" => OrganizationRef::Default,
        Err(_) => OrganizationRef::Name(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Uuid = Uuid::from_u128(7);

    #[test]
    fn me_stands_for_the_one_who_asks() {
        let filter = Search::parse("username:me", ME).unwrap().filter;
        assert_eq!((filter.user_id, filter.username), (Some(ME), None));
        let filter = Search::parse("username:ada", ME).unwrap().filter;
        assert_eq!(
            (filter.user_id, filter.username.as_deref()),
            (None, Some("ada"))
        );
    }

    #[test]
    fn a_bare_word_is_a_resource_type() {
        let filter = Search::parse("User action:CREATE", ME).unwrap().filter;
        assert_eq!(filter.resource_type.as_deref(), Some("user"));
        assert_eq!(filter.action.as_deref(), Some("create"));
    }

    #[test]
    fn a_value_that_cannot_be_is_named() {
        let invalid = Search::parse("action:dance date_from:today who:me", ME).unwrap_err();
        let fields: Vec<_> = invalid
            .iter()
            .map(|invalid| invalid.field.as_str())
            .collect();
        assert_eq!(fields, ["date_from", "action", "who"]);
    }
}
