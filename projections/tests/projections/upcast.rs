//! A change of an event's shape, worked through: what the previous program recorded as version 1.0, this one reads as 2.0.
//!
//! The previous program labelled a shelf `north/7`; this one keeps room and number apart.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_ledger::{
    EventFilter, ExecuteError, Ledger, LedgerConfig, LedgerReader, Position, StreamTypes,
};
use chancery_projections::{ApplyError, Projection, ProjectionName, Projections};
use serde_json::json;
use sqlx::PgConnection;

use crate::world::{World, config};

const SHELVES: ProjectionName = ProjectionName::new("shelves");

/// The noun as the previous program had it.
mod previous {
    use std::convert::Infallible;

    use chancery_noun::{Life, Noun, domain_event};
    use serde::{Deserialize, Serialize};
    use strum::{IntoStaticStr, VariantNames};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Shelf {
        label: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
    #[serde(tag = "type", rename_all = "snake_case")]
    #[strum(serialize_all = "snake_case")]
    pub enum Event {
        ShelfPlaced { label: String },
    }

    domain_event!(Event, Shelf);

    impl Noun for Shelf {
        const TYPE: &'static str = "shelf";
        const STATE_VERSION: u32 = 1;
        type Command = String;
        type Event = Event;
        type Error = Infallible;

        fn decide(_: &Life<Self>, label: String) -> Result<Vec<Event>, Infallible> {
            Ok(vec![Event::ShelfPlaced { label }])
        }

        fn evolve(state: &mut Life<Self>, event: Event) {
            let Event::ShelfPlaced { label } = event;
            *state = Life::Live(Self { label });
        }
    }
}

/// The noun as this program has it.
mod present {
    use chancery_noun::{Life, Noun, domain_event};
    use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};
    use serde::{Deserialize, Serialize};
    use strum::{IntoStaticStr, VariantNames};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Shelf {
        pub room: String,
        pub number: i64,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
    #[serde(tag = "type", rename_all = "snake_case")]
    #[strum(serialize_all = "snake_case")]
    pub enum Event {
        ShelfPlaced { room: String, number: i64 },
    }

    domain_event!(Event, Shelf);

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("it stands in {0} already")]
    pub struct AlreadyThere(pub String);

    impl Noun for Shelf {
        const TYPE: &'static str = "shelf";
        const STATE_VERSION: u32 = 2;
        type Command = (String, i64);
        type Event = Event;
        type Error = AlreadyThere;

        fn decide(
            state: &Life<Self>,
            (room, number): (String, i64),
        ) -> Result<Vec<Event>, AlreadyThere> {
            if state.live().is_some_and(|shelf| shelf.room == room) {
                return Err(AlreadyThere(room));
            }
            Ok(vec![Event::ShelfPlaced { room, number }])
        }

        fn evolve(state: &mut Life<Self>, event: Event) {
            let Event::ShelfPlaced { room, number } = event;
            *state = Life::Live(Self { room, number });
        }

        fn event_version(_: &Event) -> &'static str {
            "2.0"
        }

        /// From 1.0 to 2.0: `north/7` is room `north`, number 7.
        fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
            vec![Box::new(SemanticVersionEventUpcaster::new(
                "shelf_placed",
                "2.0",
                Box::new(|mut payload| {
                    let label = payload["label"].take();
                    let (room, number) = label
                        .as_str()
                        .and_then(|label| label.split_once('/'))
                        .unwrap_or_default();
                    payload["room"] = room.into();
                    payload["number"] = number.parse::<i64>().unwrap_or_default().into();
                    payload
                }),
            ))]
        }
    }
}

fn present_types() -> StreamTypes {
    StreamTypes::new().with::<present::Shelf>()
}

fn previous_types() -> StreamTypes {
    StreamTypes::new().with::<previous::Shelf>()
}

async fn open(world: &World, types: StreamTypes) -> Ledger {
    let options = world.database.options();
    let pool = world.database.pool().await;
    Ledger::open(options, pool, types, LedgerConfig::default())
        .await
        .unwrap()
}

/// A read model of the present program, which knows nothing of labels.
struct Shelves;

#[async_trait]
impl Projection for Shelves {
    fn name(&self) -> ProjectionName {
        SHELVES
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE shelves (id text PRIMARY KEY, room text NOT NULL, number bigint NOT NULL)"
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["shelf"]
    }

    async fn apply(
        &self,
        events: &[Arc<chancery_ledger::RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        for event in events {
            let present::Event::ShelfPlaced { room, number } = event
                .decode()
                .map_err(|error| ApplyError::decode(event, &error))?;
            sqlx::query("INSERT INTO shelves VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET room = $2, number = $3")
                .bind(&event.aggregate_id)
                .bind(room)
                .bind(number)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_event_of_version_1_is_read_as_2_by_commands_projections_replay_and_audit_alike() {
    let world = World::new().await;
    let before = open(&world, previous_types()).await;
    before
        .execute::<previous::Shelf>("s", "north/7".to_owned(), &world.context())
        .await
        .unwrap();
    before.close().await;

    let ledger = open(&world, present_types()).await;
    // Commands decide on it.
    let (shelf, sequence) = ledger.load::<present::Shelf>("s").await.unwrap();
    let shelf = shelf.live().unwrap();
    assert_eq!(
        (shelf.room.as_str(), shelf.number, sequence),
        ("north", 7, 1)
    );
    let refused = ledger
        .execute::<present::Shelf>("s", ("north".to_owned(), 1), &world.context())
        .await;
    assert!(matches!(
        refused,
        Err(ExecuteError::Refused(present::AlreadyThere(_)))
    ));
    ledger
        .execute::<present::Shelf>("s", ("south".to_owned(), 2), &world.context())
        .await
        .unwrap();

    // Projections apply it.
    let options = world.database.options();
    let projections =
        Projections::start_with(ledger.clone(), options, config(), vec![Arc::new(Shelves)])
            .await
            .unwrap();
    projections.wait_for(SHELVES, Position(2)).await.unwrap();
    let row: (String, i64) = sqlx::query_as("SELECT room, number FROM shelves")
        .fetch_one(projections.pool())
        .await
        .unwrap();
    assert_eq!(row, ("south".to_owned(), 2));
    projections.rebuild(SHELVES, |_| {}).await.unwrap();

    // Replay and audit show it.
    let reader = LedgerReader::new(world.database.pool().await, present_types());
    let replay = reader.replay("shelf", "s", Position(1)).await.unwrap();
    assert_eq!(
        replay.at(Position(1)).unwrap().state,
        json!({"room": "north", "number": 7})
    );
    let shown = reader.event(Position(1)).await.unwrap().unwrap();
    assert_eq!(shown.event_version, "2.0.0");
    let listed = reader.find(&EventFilter::default(), 10).await.unwrap();
    assert_eq!(
        (&listed[0], listed[1].payload["room"].as_str()),
        (&shown, Some("south"))
    );

    // What was recorded stays as it was, and the chain with it.
    let stored = reader.stored_event(Position(1)).await.unwrap().unwrap();
    assert_eq!(
        (stored.event_version.as_str(), stored.payload.get()),
        ("1.0", r#"{"label":"north/7","type":"shelf_placed"}"#)
    );
    assert_eq!(
        reader
            .verify(Position(1)..=Position(2), |_| {})
            .await
            .unwrap()
            .events,
        2
    );
    projections.stop().await;
}
