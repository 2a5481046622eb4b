//! Listing the trail.

use chancery_aggregates::organization::OrganizationId;
use chancery_projections::ProjectionName;
use chancery_projections::audit::{self, AuditEntry, AuditFilter, AuditPage};

use super::reach::Reach;
use crate::failure::{Failure, InvalidField, Refused};
use crate::{Caller, Services, organization};

/// What tells whether something is deleted by now.
const SHOWN_TOO: [ProjectionName; 3] = [
    ProjectionName::OAUTH2_APP,
    ProjectionName::OAUTH2_GRANT,
    ProjectionName::ORGANIZATION,
];

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSearch {
    /// What they are filtered by.
    pub filter: AuditFilter,
    /// The organization they belong to, by its UUID, its name, or `default`.
    pub organization: Option<String>,
}

/// The entries that the caller reads, newest first, and how many there are. Everything recorded before the question is among them.
pub async fn list(
    caller: &Caller,
    search: AuditSearch,
    page: AuditPage,
) -> Result<(Vec<AuditEntry>, i64), Failure> {
    let services = caller.services();
    let reach = Reach::of(caller)?;
    let mut filter = search.filter;
    if let Some(text) = &search.organization {
        filter.organization_id = Some(organization_id(caller, text).await?);
    }
    if !reach.narrow(&mut filter) {
        return Ok((Vec::new(), 0));
    }
    catch_up(services).await?;
    let found = audit::list(services.pool(), &services.reader(), &filter, page).await?;
    let entries = found.entries.into_iter().map(|entry| reach.shown(entry));
    Ok((entries.collect(), found.count))
}

async fn catch_up(services: &Services) -> Result<(), Failure> {
    let (models, head) = (services.read_models(), services.head());
    models.wait_for(ProjectionName::AUDIT, head).await?;
    for shown_too in SHOWN_TOO {
        // One that is behind does not keep the trail from being read.
        if let Err(behind) = models.wait_for(shown_too, head).await {
            tracing::debug!(%behind, "the trail does not know what is deleted by now");
        }
    }
    Ok(())
}

async fn organization_id(caller: &Caller, text: &str) -> Result<OrganizationId, Failure> {
    let id = text.parse::<OrganizationId>();
    let name = id.map_or_else(|_| text.to_owned(), |id| id.to_string());
    let seen = match organization::find(caller, &name).await {
        Err(Failure::NotFound) => None,
        found => Some(found?),
    };
    seen.map(|organization| organization.id).ok_or_else(|| {
        let detail = format!(
            "Query param \"organization\" has invalid value: organization \"{text}\" does not exist"
        );
        let field = InvalidField::new("organization", detail);
        let message = "Invalid audit search query.";
        Refused::fields("organization", message, vec![field]).into()
    })
}
