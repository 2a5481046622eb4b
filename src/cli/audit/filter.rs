//! Which events are listed or followed.

use chancery_aggregates::deployment;
use chancery_aggregates::nouns::EVENT_TYPES;
use chancery_ledger::{EventFilter, LedgerReader, Position, RecordedEvent};
use chrono::{DateTime, Utc};
use clap::Args;
use uuid::Uuid;

use super::stream_name::resolve;
use crate::cli::failure::Failure;
use crate::cli::moment::moment;
use crate::moment::Moment;

/// Conditions; all given ones must hold.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which events")]
pub struct FilterArguments {
    /// Id or name of the one who acted
    #[arg(long, value_name = "ID|NAME")]
    actor: Option<String>,

    /// A type of resource, such as `oauth2_app`, or one resource: <type>/<id>, also by name: user/ada, organization/acme, group/acme/admins
    #[arg(long, value_name = "TYPE[/ID|/NAME]")]
    resource: Option<String>,

    /// Id or name of an organization
    #[arg(long, value_name = "ID|NAME")]
    organization: Option<String>,

    /// What happened: `exchange_refused` or `oauth2_grant/exchange_refused`
    #[arg(long, value_name = "[TYPE/]EVENT")]
    event: Option<String>,

    /// Network address of the client
    #[arg(long, value_name = "ADDRESS")]
    client: Option<String>,

    /// Id of the request
    #[arg(long, value_name = "ID")]
    request: Option<String>,

    /// Text in the event, its metadata or its stream's name, in any case of letters
    #[arg(long)]
    text: Option<String>,

    /// From this position or time on
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    from: Option<Moment>,

    /// Up to this position or time
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    to: Option<Moment>,
}

impl FilterArguments {
    /// Whether a beginning was named.
    pub fn has_beginning(&self) -> bool {
        self.from.is_some()
    }

    /// The time that the list ends at, if it ends at one.
    pub fn end_time(&self) -> Option<DateTime<Utc>> {
        match self.to {
            Some(Moment::Time(time)) => Some(time),
            Some(Moment::Position(_)) | None => None,
        }
    }

    /// Fails when the range names what the log does not have yet, or when it ends before the log begins.
    pub async fn check_range(&self, reader: &LedgerReader) -> Result<(), Failure> {
        let head = reader.head().await?;
        for moment in [self.from, self.to].into_iter().flatten() {
            if let Moment::Position(position) = moment
                && !(1..=head.0).contains(&position)
            {
                return Err(Failure::no_position(position, head));
            }
        }
        if let Some(moment @ Moment::Time(_)) = self.to {
            moment.position(reader).await?;
        }
        Ok(())
    }

    /// The conditions as the ledger knows them.
    pub async fn resolve(self, reader: &LedgerReader) -> Result<EventFilter, Failure> {
        let (mut aggregate_type, aggregate_id) = match self.resource {
            None => (None, None),
            Some(resource) => match resource.split_once('/') {
                Some(_) => {
                    let (kind, id) = resolve(reader, &resource).await?;
                    (Some(kind), Some(id))
                }
                None => (Some(resource), None),
            },
        };
        let mut event_type = self.event;
        if let Some((kind, event)) = event_type.as_deref().and_then(|text| text.split_once('/')) {
            aggregate_type = aggregate_type.or_else(|| Some(kind.to_owned()));
            event_type = Some(event.to_owned());
        }
        if let Some(kind) = &aggregate_type {
            let known = reader.stream_types();
            if !known.contains(&kind.as_str()) {
                let message = format!(
                    "there is no resource type {kind}; there are {}",
                    known.join(", ")
                );
                return Err(Failure::NotFound(message));
            }
        }
        if let Some(event_type) = &event_type {
            expect_event_type(aggregate_type.as_deref(), event_type)?;
        }
        let organization_id = match self.organization {
            Some(text) => Some(organization(reader, &text).await?),
            None => None,
        };
        let after = match self.from {
            None => Position::START,
            Some(Moment::Position(position)) => Position(position.max(1) - 1),
            // Events of that very instant are within.
            Some(Moment::Time(time)) => {
                let before = time - chrono::TimeDelta::microseconds(1);
                reader.position_at(before).await?
            }
        };
        let until = match self.to {
            None => Position(i64::MAX),
            Some(Moment::Position(position)) => Position(position),
            Some(Moment::Time(time)) => reader.position_at(time).await?,
        };
        Ok(EventFilter {
            after,
            until,
            aggregate_type,
            aggregate_id,
            event_type,
            actor: self.actor,
            client_address: self.client,
            organization_id,
            text: self.text,
            request_id: self.request,
        })
    }
}

fn expect_event_type(aggregate_type: Option<&str>, event_type: &str) -> Result<(), Failure> {
    let mut known = EVENT_TYPES
        .iter()
        .filter(|(kind, _)| aggregate_type.is_none_or(|wanted| wanted == *kind))
        .flat_map(|(_, event_types)| *event_types);
    if known.any(|known| *known == event_type) {
        return Ok(());
    }
    let of_type =
        aggregate_type.map_or_else(String::new, |kind| format!(" of resource type {kind}"));
    let message = format!("there is no event type {event_type}{of_type}");
    Err(Failure::NotFound(message))
}

/// The id of the organization of this id or name.
pub async fn organization(reader: &LedgerReader, text: &str) -> Result<String, Failure> {
    if let Ok(id) = Uuid::parse_str(text) {
        return Ok(id.to_string());
    }
    let key = format!("organization_name:{}", text.to_lowercase());
    let holder = match reader.key_holder(&key).await? {
        None if text == "default" => default_organization(reader).await?,
        holder => holder,
    };
    holder.ok_or_else(|| Failure::NotFound(format!("there is no organization {text}")))
}

async fn default_organization(reader: &LedgerReader) -> Result<Option<String>, Failure> {
    let events = reader
        .read_stream("deployment", deployment::STREAM_ID)
        .await?;
    let named = |event: &RecordedEvent| {
        Some(
            event
                .payload
                .get("default_organization_id")?
                .as_str()?
                .to_owned(),
        )
    };
    Ok(events.iter().find_map(named))
}
