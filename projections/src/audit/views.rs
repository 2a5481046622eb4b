//! The states of a page's resources before and after each of its events, by replaying their streams.

use std::collections::HashMap;

use chancery_ledger::{LedgerReader, ReadError, RecordedEvent, Stretch};
use serde_json::{Map, Value};
use sqlx::PgPool;

use super::noun::{self, Thread};
use super::page::Item;
use super::states;

type View = Option<Map<String, Value>>;

/// What resources were like around the events of a page, by position.
#[derive(Default)]
pub(super) struct Views(HashMap<i64, [View; 2]>);

impl Views {
    /// Before and after the event at a position.
    pub(super) fn around(&self, position: i64) -> [Option<&Map<String, Value>>; 2] {
        match self.0.get(&position) {
            Some(sides) => sides.each_ref().map(Option::as_ref),
            None => [None, None],
        }
    }
}

/// A stream of the page.
struct Replayed<'a> {
    /// The page's events of it that changed something, oldest first.
    items: Vec<&'a Item>,
    thread: Box<dyn Thread>,
    /// The last event that `thread` reflects.
    after: i64,
}

/// Replays the streams of those entries that show a difference.
pub(super) async fn around(
    items: &[Item],
    pool: &PgPool,
    reader: &LedgerReader,
) -> Result<Views, ReadError> {
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut streams: Vec<Replayed> = Vec::new();
    for item in items.iter().rev() {
        if item.entry.refusal.is_some() || item.entry.resource.fields.is_empty() {
            continue;
        }
        let noun = noun::known(&item.event)?;
        let place = *places.entry(item.stream()).or_insert(streams.len());
        if place == streams.len() {
            streams.push(Replayed {
                items: Vec::new(),
                thread: (noun.begin)(),
                after: 0,
            });
        }
        if let Some(stream) = streams.get_mut(place) {
            stream.items.push(item);
        }
    }
    resume(&mut streams, pool).await?;
    let stretches: Vec<Stretch> = streams.iter().filter_map(Replayed::stretch).collect();
    let mut views = Views::default();
    for event in reader.read_stretches(&stretches).await? {
        let place = places.get(&(event.aggregate_type.as_str(), event.aggregate_id.as_str()));
        if let Some(stream) = place.and_then(|place| streams.get_mut(*place)) {
            stream.pass(&event, &mut views)?;
        }
    }
    Ok(views)
}

impl Replayed<'_> {
    /// The events that are missing.
    fn stretch(&self) -> Option<Stretch> {
        let last = &self.items.last()?.event;
        Some(Stretch {
            aggregate_type: last.aggregate_type.clone(),
            aggregate_id: last.aggregate_id.clone(),
            after: self.after,
            until: last.position,
        })
    }

    /// Takes in the stream's next event, and keeps what was before and after it if it is shown.
    fn pass(&mut self, event: &RecordedEvent, views: &mut Views) -> Result<(), ReadError> {
        let position = event.position;
        let shown = self
            .items
            .binary_search_by_key(&position, |item| item.event.position)
            .ok()
            .and_then(|index| self.items.get(index));
        let view = |thread: &dyn Thread| thread.view(&event.aggregate_id, shown?.entry.resource);
        let before = view(&*self.thread);
        self.thread
            .apply(event)
            .map_err(|error| noun::malformed(position, &error))?;
        if shown.is_some() {
            let after = view(&*self.thread);
            views.0.insert(position.0, [before, after]);
        }
        Ok(())
    }
}

/// Lets long streams begin with the last state that was stored before the first event that is shown.
async fn resume(streams: &mut [Replayed<'_>], pool: &PgPool) -> Result<(), ReadError> {
    let mut wanted = Vec::new();
    let mut long = Vec::new();
    for stream in streams {
        if let Some(first) = stream.items.first().copied()
            && states::is_kept_before(first.event.sequence)
        {
            wanted.push((first.stream(), first.event.sequence));
            long.push((first.event.position, stream));
        }
    }
    let mut before = states::before(&wanted, pool).await?;
    for (index, (position, stream)) in long.into_iter().enumerate() {
        if let Some((sequence, saved)) = before.remove(&index) {
            stream.after = sequence;
            stream
                .thread
                .resume(saved)
                .map_err(|error| noun::malformed(position, &error))?;
        }
    }
    Ok(())
}
