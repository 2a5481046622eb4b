//! The registry: every noun in it, by the fixtures of its events, now and then.

use std::path::Path;
use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery_aggregates::license::{Command, License, LicenseJwt};
use chancery_aggregates::nouns;
use chancery_ledger::Position;
use chancery_noun::{EventTypes, Noun, NounVisitor, Stream};
use chancery_projections::registry::{Page, Registry, View};
use chancery_projections::{Projection, ProjectionName, all};
use chrono::TimeDelta;
use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use serde_json::json;

use crate::history::History;
use crate::user_plans::plan;
use crate::world::assert_verified;

/// Nouns that are there for good once they are.
const WITHOUT_AN_END: [&str; 3] = ["group_sync", "organization_sync", "role_sync"];

/// The stream that every noun's life is recorded on.
const ID: &str = "5eed0000-0000-4000-8000-00000000000a";

async fn history() -> History {
    History::new(all()).await
}

impl History {
    fn now(&self) -> View<'_> {
        View::Now(self.projections.pool())
    }

    async fn wait(&self, position: Position) {
        let wait = self
            .projections
            .wait_for(ProjectionName::REGISTRY, position);
        wait.await.unwrap();
    }

    async fn license(&self, number: i64) -> Position {
        let now = self.world.now();
        let end = (now + TimeDelta::days(1)).timestamp();
        let claims = json!({
            "version": 3, "iat": 0, "nbf": 0, "exp": end, "license_expires": end, "account_type": "a", "account_id": "b",
        });
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        let create = Command::CreateLicense {
            jwt: LicenseJwt::parse(&format!("e30.{payload}.c2ln")).unwrap(),
            uuid: self.world.id(),
            deployment_id: self.world.id(),
            now,
        };
        let id = number.to_string();
        self.world.execute::<License>(&id, create).await
    }

    async fn listed(&self, view: View<'_>, limit: Option<i64>, offset: i64) -> Vec<String> {
        let page = Page { limit, offset };
        let listed = view.list::<License, String>(None, page).await;
        let listed = listed.unwrap().into_iter();
        listed.map(|shown| shown.id).collect()
    }
}

/// The newest fixture of each of a noun's events, in the order in which its enum declares them: a life from its creation to
/// its end.
fn life<N: Noun>() -> Vec<SerializedEvent> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../aggregates/fixtures")
        .join(N::TYPE);
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let event = |(event_type, sequence): (&&str, usize)| {
        let version = |name: &String| {
            let version = name.strip_suffix(".json")?.strip_prefix(event_type)?;
            version.strip_prefix('.').map(str::to_owned)
        };
        let version = names.iter().filter_map(version).max().unwrap();
        let fixture = std::fs::read(folder.join(format!("{event_type}.{version}.json")));
        SerializedEvent {
            aggregate_id: ID.to_owned(),
            sequence,
            aggregate_type: N::TYPE.to_owned(),
            event_type: (*event_type).to_owned(),
            event_version: version,
            payload: serde_json::from_slice(&fixture.unwrap()).unwrap(),
            metadata: json!({}),
        }
    };
    N::Event::VARIANTS.iter().zip(1..).map(event).collect()
}

/// Records a noun's life, and looks at what the registry answers after each event.
async fn live<N: Noun>(history: &History) {
    let ledger = &history.world.ledger;
    let reader = ledger.reader();
    for event in life::<N>() {
        let repository = ledger.repository::<N>(history.world.context()).unwrap();
        repository
            .persist::<Stream<N>>(&[event], None)
            .await
            .unwrap();
        history.wait(ledger.head()).await;
        let (now, then) = (history.now(), View::Then(reader.clone(), ledger.head()));
        let shown = now.get::<N, String>(ID).await.unwrap();
        assert_eq!(shown, then.get(ID).await.unwrap(), "{}", N::TYPE);
        let listed = now.list::<N, String>(None, Page::default()).await.unwrap();
        assert_eq!(listed, then.list(None, Page::default()).await.unwrap());
        assert_eq!(listed, Vec::from_iter(shown.clone()));
        if let Some(shown) = shown {
            let owner_id = shown.thing.owner_id();
            let name_key = shown.thing.name_key().unwrap_or_default();
            let named = now.by_name(owner_id, &name_key).await.unwrap();
            assert_eq!(named, Some(shown), "{}", N::TYPE);
        }
    }
    let left = history.now().get::<N, String>(ID).await.unwrap();
    let stays = WITHOUT_AN_END.contains(&N::TYPE);
    assert_eq!(
        left.is_some(),
        stays,
        "the last fixture of {} ends it",
        N::TYPE
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_noun_is_shown_as_its_log_replays_it_after_each_of_its_events() {
    struct Lives<'a>(&'a History, Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>);

    impl NounVisitor for Lives<'_> {
        fn visit<N: Noun>(&mut self) {
            if Registry.aggregate_types().contains(&N::TYPE) {
                self.1.push(Box::pin(live::<N>(self.0)));
            }
        }
    }

    let history = history().await;
    let mut lives = Lives(&history, Vec::new());
    nouns::visit(&mut lives);
    assert_eq!(lives.1.len(), Registry.aggregate_types().len());
    for live in lives.1 {
        live.await;
    }
    assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_pages_by_age_now_and_at_any_position() {
    let history = history().await;
    for number in 1..=11 {
        history.license(number).await;
    }
    let before = history.world.ledger.head();
    let delete = Command::DeleteLicense;
    let position = history.world.execute::<License>("2", delete).await;
    history.wait(position).await;
    assert_eq!(
        history.listed(history.now(), Some(3), 0).await,
        ["1", "3", "4"]
    );
    assert_eq!(history.listed(history.now(), None, 8).await, ["10", "11"]);
    let reader = history.world.ledger.reader();
    let then = View::Then(reader.clone(), before);
    assert_eq!(
        history.listed(then.clone(), Some(3), 0).await,
        ["1", "2", "3"]
    );
    assert_eq!(history.listed(then, None, 9).await, ["10", "11"]);
    assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_the_registry_reads_more_of_the_table_than_it_shows() {
    let history = history().await;
    let pool = history.projections.pool();
    sqlx::raw_sql(
        "INSERT INTO states SELECT type, n::text, md5((n % 100)::text)::uuid, 'name' || n, now() + n * interval '1s', '{}', now(), now()
         FROM generate_series(1, 5000) AS n, unnest(ARRAY['license', 'other']) AS type;
         ANALYZE states",
    )
    .execute(pool)
    .await
    .unwrap();
    let queries = [
        include_str!("../../src/registry/sql/get.sql"),
        include_str!("../../src/registry/sql/by_name.sql"),
        include_str!("../../src/registry/sql/list.sql"),
        include_str!("../../src/registry/sql/list_of_owner.sql"),
        include_str!("../../src/registry/sql/ended.sql"),
    ];
    let owner = "md5('7')::uuid";
    let parameters: [&[&str]; 5] = [
        &["'license'", "ARRAY['7']"],
        &["'license'", owner, "'name7'"],
        &["'license'", "10", "20"],
        &["'license'", owner, "10", "20"],
        &["'license'", "now()", "10"],
    ];
    for (query, parameters) in queries.iter().zip(parameters) {
        let plan = plan(pool, query, parameters).await;
        assert!(plan.contains("Index Scan"), "{plan}");
        assert!(
            !plan.contains("Seq Scan") && !plan.contains("Sort"),
            "{plan}"
        );
    }
}
