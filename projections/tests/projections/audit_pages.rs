//! Pages of the audit trail against the same derived in the plainest way: every stream replayed from its first event for each
//! entry, and every entry looked at for each search.

use chancery_aggregates::group::{QuotaAllowance, SettingsPatch, UpdateGroup};
use chancery_projections::audit::{AuditEntry, AuditFilter, AuditPage, COUNTED, list};

use crate::audit_plain::{plain, stripped};
use crate::history::History;
use crate::place::Place;
use crate::world::assert_verified;

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
    let id = entries[3].id.uuid();
    for made_up in [
        uuid::Uuid::from_u128(id.as_u128() ^ (1 << 100)),
        uuid::Uuid::from_u128(id.as_u128() + 1),
        uuid::Uuid::nil(),
        uuid::Uuid::max(),
    ] {
        let page = AuditPage {
            after_id: Some(made_up.into()),
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
        resource_id: Some(staff.uuid()),
        ..AuditFilter::default()
    };
    let (entries, _) = pages(history, &filter, WHOLE).await;
    let expected = plain(history).await;
    let expected: Vec<_> = expected
        .iter()
        .filter(|plain| plain.entry.id == staff.uuid())
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
