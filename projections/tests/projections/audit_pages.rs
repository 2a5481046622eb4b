//! Pages of the audit trail against the same derived in the plainest way: every stream replayed from its first event for each
//! entry, and every entry looked at for each search.

use std::sync::Arc;

use chancery_aggregates::audit::{Audited, AuditedVisitor, Entry, Kind};
use chancery_aggregates::group::{QuotaAllowance, SettingsPatch, UpdateGroup};
use chancery_aggregates::nouns;
use chancery_ledger::{Position, RecordedEvent};
use chancery_noun::Folded;
use chancery_projections::audit::{AuditEntry, AuditFilter, AuditPage, COUNTED, list};
use serde_json::{Map, Value, json};

use crate::history::History;
use crate::place::Place;
use crate::world::assert_verified;

/// An entry in the plainest way.
#[derive(Debug)]
struct Plain {
    event: Arc<RecordedEvent>,
    entry: Entry,
    /// Field, old, new; secrets without their values.
    diff: Vec<(String, Value, Value)>,
}

/// Derives an event's entry from the events of its stream up to it.
struct Derive<'a> {
    stream: &'a [Arc<RecordedEvent>],
    found: Option<Plain>,
}

impl AuditedVisitor for Derive<'_> {
    fn visit<N: Audited>(&mut self) {
        let (event, before) = self.stream.split_last().unwrap();
        if event.aggregate_type != N::TYPE {
            return;
        }
        let id = event.aggregate_id.as_str();
        let Some(entry) = N::entry(id, &event.decode().unwrap()).unwrap() else {
            return;
        };
        if entry.action.is_none() {
            return;
        }
        let mut folded = Folded::<N>::default();
        for event in before {
            folded.evolve(event.decode().unwrap(), event.recorded_at);
        }
        let old = view(&folded, id, &entry);
        folded.evolve(event.decode().unwrap(), event.recorded_at);
        let new = view(&folded, id, &entry);
        self.found = Some(Plain {
            event: Arc::clone(event),
            diff: difference(&entry, &old, &new),
            entry,
        });
    }
}

fn view<N: Audited>(folded: &Folded<N>, id: &str, entry: &Entry) -> Map<String, Value> {
    let thing = folded.life.live();
    let Some(Value::Object(mut view)) = thing.and_then(|thing| thing.view(id, entry.resource))
    else {
        return Map::new();
    };
    for (name, value) in [
        ("id", json!(id)),
        ("created_at", json!(folded.created_at)),
        ("updated_at", json!(folded.updated_at)),
    ] {
        view.entry(name).or_insert(value);
    }
    view
}

fn difference(
    entry: &Entry,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Vec<(String, Value, Value)> {
    const ZEROS: [&str; 5] = ["\"\"", "\"0001-01-01T00:00:00Z\"", "false", "0", "[]"];
    let mut changed = Vec::new();
    for field in entry.resource.fields {
        let side = |view: &Map<String, Value>| {
            let value = view.get(field.name).filter(|value| !value.is_null());
            value
                .cloned()
                .filter(|value| !ZEROS.contains(&value.to_string().as_str()))
        };
        let (old, new) = (side(old), side(new));
        if old == new || entry.refusal.is_some() || field.kind == Kind::Title {
            continue;
        }
        if field.kind == Kind::Secret {
            changed.push((field.name.to_owned(), Value::Null, Value::Null));
        } else {
            let shown = |side: Option<Value>| side.unwrap_or(Value::Null);
            changed.push((field.name.to_owned(), shown(old), shown(new)));
        }
    }
    changed.sort_by(|one, other| one.0.cmp(&other.0));
    changed
}

/// All entries, newest first.
async fn plain(history: &History) -> Vec<Plain> {
    let events = history
        .world
        .ledger
        .read(Position::START, 10_000)
        .await
        .unwrap();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate().rev() {
        let stream: Vec<_> = events[..=index]
            .iter()
            .filter(|other| {
                (&other.aggregate_type, &other.aggregate_id)
                    == (&event.aggregate_type, &event.aggregate_id)
            })
            .cloned()
            .collect();
        let mut derive = Derive {
            stream: &stream,
            found: None,
        };
        nouns::visit_audited(&mut derive);
        found.extend(derive.found);
    }
    found
}

/// What an entry says of itself as a [`Plain`] one does.
fn stripped(entry: &AuditEntry) -> Vec<(String, Value, Value)> {
    let diff = entry.diff.as_object().unwrap().iter();
    let mut fields: Vec<_> = diff
        // What a thing is called is not a part of its stream.
        .filter(|(name, _)| {
            (entry.resource_type, name.as_str()) != ("organization_member", "username")
        })
        .map(|(name, change)| {
            let side = |side: &str| {
                let value = &change[side];
                let zero = [
                    json!(""),
                    json!("0001-01-01T00:00:00Z"),
                    json!(false),
                    json!(0),
                    json!([]),
                ];
                if zero.contains(value) {
                    Value::Null
                } else {
                    value.clone()
                }
            };
            (name.clone(), side("old"), side("new"))
        })
        .collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    fields
}

async fn pages(history: &History, filter: &AuditFilter, page: AuditPage) -> (Vec<AuditEntry>, i64) {
    let reader = history.world.ledger.reader();
    let found = list(history.projections.pool(), &reader, filter, page)
        .await
        .unwrap();
    (found.entries, found.count)
}

const WHOLE: AuditPage = AuditPage {
    after_id: None,
    limit: 1000,
    offset: 0,
};

fn positions(entries: &[AuditEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.position).collect()
}

/// A history in which every noun has a part.
async fn varied() -> History {
    let place = Place::new().await;
    let ada = place.user("grace-hopper").await;
    place.join(ada).await;
    let staff = place.group("staff", 3).await;
    place.add(staff, &[ada]).await;
    place.update(staff, allowing(5)).await;
    place.leave(ada).await;
    place.join(ada).await;
    let history = place.history;
    history.first_user().await;
    history.second_user().await;
    history.activate().await;
    history.change_password().await;
    history.lifetime_of_an_app().await;
    history.lifetime_of_an_app().await;
    history.settle().await;
    history
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_what_replaying_each_stream_from_its_first_event_gives() {
    let history = varied().await;
    let expected = plain(&history).await;
    let (entries, count) = pages(&history, &AuditFilter::default(), WHOLE).await;
    assert_eq!(count, i64::try_from(expected.len()).unwrap());
    assert_eq!(entries.len(), expected.len());
    for (entry, plain) in entries.iter().zip(&expected) {
        let action: &str = plain.entry.action.unwrap().into();
        assert_eq!(entry.position, plain.event.position.0);
        assert_eq!(
            (entry.resource_type, entry.action),
            (plain.entry.resource.name, action)
        );
        assert_eq!(entry.resource_id, plain.entry.id);
        assert_eq!(entry.refusal, plain.entry.refusal);
        assert_eq!(entry.additional_fields, plain.entry.details);
        assert_eq!(stripped(entry), plain.diff, "position {}", entry.position);
    }
    // However the pages are cut.
    for size in [1, 7, 25] {
        let mut cut = Vec::new();
        let mut page = AuditPage {
            limit: size,
            ..WHOLE
        };
        loop {
            let (part, whole) = pages(&history, &AuditFilter::default(), page).await;
            assert_eq!(whole, count);
            let Some(last) = part.last() else {
                break;
            };
            page.after_id = Some(last.id);
            cut.extend(part);
        }
        assert!(cut == entries, "pages of {size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_filters_together_find_what_looking_at_every_entry_finds() {
    let history = varied().await;
    let (entries, _) = pages(&history, &AuditFilter::default(), WHOLE).await;
    // A sequence that is the same in every run.
    let mut random = 7_u64;
    let mut next = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(random >> 33).unwrap() % below
    };
    for _ in 0..200 {
        let one = &entries[next(entries.len())];
        let other = &entries[next(entries.len())];
        let mut maybe = || next(4) == 0;
        let filter = AuditFilter {
            resource_type: maybe().then(|| one.resource_type.to_owned()),
            resource_id: maybe().then_some(one.resource_id),
            resource_target: maybe().then(|| one.resource_target.clone()),
            user_id: one.user.as_ref().map(|user| user.id).filter(|_| maybe()),
            username: one
                .user
                .as_ref()
                .map(|user| user.username.to_uppercase())
                .filter(|_| maybe()),
            email: None,
            date_from: maybe().then_some(one.time.min(other.time)),
            date_to: maybe().then_some(one.time.max(other.time)),
            organization_id: one
                .organization
                .as_ref()
                .map(|found| found.id)
                .filter(|_| maybe()),
            organizations: other
                .organization
                .as_ref()
                .map(|found| vec![found.id])
                .filter(|_| maybe()),
            action: maybe().then(|| one.action.to_owned()),
            request_id: one.request_id.filter(|_| maybe()),
        };
        let expected: Vec<i64> = entries
            .iter()
            .filter(|entry| keeps(&filter, entry))
            .map(|entry| entry.position)
            .collect();
        let (found, count) = pages(&history, &filter, WHOLE).await;
        assert_eq!(positions(&found), expected, "{filter:?}");
        assert_eq!(count, i64::try_from(expected.len()).unwrap(), "{filter:?}");
        let second = AuditPage {
            limit: 3,
            offset: 1,
            ..WHOLE
        };
        let (found, count) = pages(&history, &filter, second).await;
        let part: Vec<i64> = expected.iter().copied().skip(1).take(3).collect();
        assert_eq!(
            (positions(&found), count),
            (part, i64::try_from(expected.len()).unwrap())
        );
    }
}

fn keeps(filter: &AuditFilter, entry: &AuditEntry) -> bool {
    let user = entry.user.as_ref();
    let organization = entry.organization.as_ref().map(|found| found.id);
    filter
        .resource_type
        .as_deref()
        .is_none_or(|name| name == entry.resource_type)
        && filter.resource_id.is_none_or(|id| id == entry.resource_id)
        && filter
            .resource_target
            .as_deref()
            .is_none_or(|name| name == entry.resource_target)
        && filter
            .user_id
            .is_none_or(|id| user.is_some_and(|user| user.id == id))
        && filter
            .username
            .as_deref()
            .is_none_or(|name| user.is_some_and(|user| user.username.eq_ignore_ascii_case(name)))
        && filter.date_from.is_none_or(|from| entry.time >= from)
        && filter.date_to.is_none_or(|to| entry.time <= to)
        && filter
            .organization_id
            .is_none_or(|id| organization == Some(id))
        && filter
            .organizations
            .as_ref()
            .is_none_or(|ids| organization.is_some_and(|id| ids.contains(&id)))
        && filter
            .action
            .as_deref()
            .is_none_or(|action| action == entry.action)
        && filter
            .request_id
            .is_none_or(|id| entry.request_id == Some(id))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_was_made_up_is_after_nothing() {
    let history = varied().await;
    let (entries, _) = pages(&history, &AuditFilter::default(), WHOLE).await;
    let id = entries[3].id;
    for made_up in [
        uuid::Uuid::from_u128(id.as_u128() ^ (1 << 100)),
        uuid::Uuid::from_u128(id.as_u128() + 1),
        uuid::Uuid::nil(),
        uuid::Uuid::max(),
    ] {
        let page = AuditPage {
            after_id: Some(made_up),
            ..WHOLE
        };
        let (found, count) = pages(&history, &AuditFilter::default(), page).await;
        assert_eq!(positions(&found), [] as [i64; 0], "{made_up}");
        assert_eq!(count, i64::try_from(entries.len()).unwrap());
    }
}

fn allowing(allowance: i64) -> UpdateGroup {
    let settings = SettingsPatch {
        quota_allowance: Some(QuotaAllowance::new(allowance).unwrap()),
        ..SettingsPatch::default()
    };
    UpdateGroup {
        settings,
        ..UpdateGroup::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entries_of_a_long_stream_begin_with_a_stored_state() {
    let place = Place::new().await;
    let ada = place.user("ada").await;
    place.join(ada).await;
    let staff = place.group("staff", 0).await;
    place.add(staff, &[ada]).await;
    for allowance in 1..=450 {
        place.update(staff, allowing(allowance)).await;
    }
    let history = &place.history;
    history.settle().await;
    let stored: Vec<i64> =
        sqlx::query_scalar("SELECT sequence FROM audit_states ORDER BY sequence")
            .fetch_all(history.projections.pool())
            .await
            .unwrap();
    assert_eq!(stored, [200, 400]);
    let filter = AuditFilter {
        resource_id: Some(staff),
        ..AuditFilter::default()
    };
    let (entries, _) = pages(history, &filter, WHOLE).await;
    let expected = plain(history).await;
    let expected: Vec<_> = expected
        .iter()
        .filter(|plain| plain.entry.id == staff)
        .collect();
    assert_eq!(entries.len(), 452);
    for (entry, plain) in entries.iter().zip(&expected) {
        assert_eq!(stripped(entry), plain.diff, "position {}", entry.position);
    }
    for offset in [0, 49, 50, 51, 251, 440] {
        let page = AuditPage {
            limit: 3,
            offset,
            ..WHOLE
        };
        let (part, _) = pages(history, &filter, page).await;
        let offset = usize::try_from(offset).unwrap();
        assert!(part == entries[offset..offset + 3], "{offset}");
    }
    assert_verified(&history.projections).await;
    // A state that is gone costs time, nothing else.
    sqlx::query("DELETE FROM audit_states")
        .execute(history.projections.pool())
        .await
        .unwrap();
    let (replayed, _) = pages(history, &filter, WHOLE).await;
    assert!(replayed == entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_entries_are_counted_and_no_more() {
    let history = varied().await;
    sqlx::query(
        "INSERT INTO audit_entries (position, facet, user_id, request_id, kind, facet_of)
         SELECT 1000000 + n, facet, user_id, request_id, kind, facet_of
         FROM audit_entries, generate_series(1, 3000) AS n
         WHERE facet_of = 0 AND position = (SELECT max(position) FROM audit_entries)",
    )
    .execute(history.projections.pool())
    .await
    .unwrap();
    let page = AuditPage { limit: 0, ..WHOLE };
    let (_, count) = pages(&history, &AuditFilter::default(), page).await;
    assert_eq!(count, COUNTED);
    let far = AuditPage {
        offset: COUNTED + 500,
        ..page
    };
    let (_, count) = pages(&history, &AuditFilter::default(), far).await;
    assert_eq!(count, COUNTED + 500);
}
