//! Two builds of the program on one database: the newer records events that the older one's read model cannot apply.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_ledger::{Ledger, LedgerConfig, Position, RecordedEvent, StreamTypes};
use chancery_projections::{ApplyError, Projection, ProjectionName, Projections, State};
use sqlx::PgConnection;

use crate::toy::{TOY, Toy, toys};
use crate::world::{World, assert_verified, config, status};

const SHELVES: ProjectionName = ProjectionName::new("shelves");

/// The noun as the older build has it.
mod older {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    pub enum Event {
        ShelfPlaced { room: String },
    }
}

/// The noun as the newer build has it.
mod newer {
    use std::convert::Infallible;

    use chancery_noun::{Life, Noun, domain_event};
    use serde::{Deserialize, Serialize};
    use strum::{IntoStaticStr, VariantNames};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Shelf {
        room: String,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
    #[serde(tag = "type", rename_all = "snake_case")]
    #[strum(serialize_all = "snake_case")]
    pub enum Event {
        ShelfPlaced { room: String },
        ShelfMoved { to: String },
    }

    domain_event!(Event, Shelf);

    impl Noun for Shelf {
        const TYPE: &'static str = "shelf";
        const STATE_VERSION: u32 = 1;
        type Command = String;
        type Event = Event;
        type Error = Infallible;

        fn decide(state: &Life<Self>, room: String) -> Result<Vec<Event>, Infallible> {
            Ok(vec![match state.live() {
                None => Event::ShelfPlaced { room },
                Some(_) => Event::ShelfMoved { to: room },
            }])
        }

        fn evolve(state: &mut Life<Self>, event: Event) {
            let (Event::ShelfPlaced { room } | Event::ShelfMoved { to: room }) = event;
            *state = Life::Live(Self { room });
        }
    }
}

/// Where shelves stand, as either build shows it.
struct Shelves {
    knows_moves: bool,
}

#[async_trait]
impl Projection for Shelves {
    fn name(&self) -> ProjectionName {
        SHELVES
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE shelves (id text PRIMARY KEY, room text NOT NULL)"
    }

    fn aggregate_types(&self) -> &'static [&'static str] {
        &["shelf"]
    }

    async fn apply(
        &self,
        events: &[Arc<RecordedEvent>],
        connection: &mut PgConnection,
    ) -> Result<(), ApplyError> {
        for event in events {
            let unknown = |error| ApplyError::decode(event, &error);
            let room = if self.knows_moves {
                let (newer::Event::ShelfPlaced { room } | newer::Event::ShelfMoved { to: room }) =
                    event.decode().map_err(unknown)?;
                room
            } else {
                let older::Event::ShelfPlaced { room } = event.decode().map_err(unknown)?;
                room
            };
            sqlx::query(
                "INSERT INTO shelves VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET room = $2",
            )
            .bind(&event.aggregate_id)
            .bind(room)
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }
}

async fn start(world: &World, knows_moves: bool) -> Projections {
    let projections: Vec<Arc<dyn Projection>> =
        vec![Arc::new(Shelves { knows_moves }), Toy::new().boxed()];
    world.start_with(config(), projections).await
}

async fn newer_ledger(world: &World) -> Ledger {
    let pool = world.database.pool().await;
    let types = StreamTypes::new().with::<newer::Shelf>();
    Ledger::open(
        world.database.options(),
        pool,
        types,
        LedgerConfig::default(),
    )
    .await
    .unwrap()
}

/// Places the shelf or moves it.
async fn put(world: &World, ledger: &Ledger, room: &str) -> Position {
    let context = world.context();
    let put = ledger.execute::<newer::Shelf>("s", room.to_owned(), &context);
    put.await.unwrap().position.unwrap()
}

async fn rooms(projections: &Projections) -> Vec<String> {
    sqlx::query_scalar("SELECT room FROM shelves")
        .fetch_all(projections.pool())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_stops_that_read_model_at_the_event_and_the_newer_goes_on_from_there() {
    let world = World::new().await;
    let ledger = newer_ledger(&world).await;
    let older = start(&world, false).await;
    let placed = put(&world, &ledger, "north").await;
    older.wait_for(SHELVES, placed).await.unwrap();
    let moved = put(&world, &ledger, "south").await;

    let behind = older.wait_for(SHELVES, moved).await.unwrap_err();
    assert!(behind.stopped);
    let stopped = status(&older, SHELVES).await;
    assert_eq!(stopped.state, State::Stopped);
    let error = stopped.error.unwrap();
    assert_eq!(
        (error.position, error.event.as_str()),
        (moved, "shelf/shelf_moved")
    );
    // It shows what it had, and everything else goes on.
    assert_eq!(rooms(&older).await, ["north"]);
    let first = world.organization("first").await;
    older.wait_for(TOY, first).await.unwrap();
    assert_eq!(toys(&older).await, ["first"]);
    older.stop().await;

    let newer = start(&world, true).await;
    newer.wait_for(SHELVES, moved).await.unwrap();
    assert_eq!(rooms(&newer).await, ["south"]);
    let live = status(&newer, SHELVES).await;
    assert_eq!((live.state, live.error), (State::Live, None));
    assert_verified(&newer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn side_by_side_the_older_does_not_hold_the_newer_back() {
    let world = World::new().await;
    let ledger = newer_ledger(&world).await;
    let older = start(&world, false).await;
    let newer = start(&world, true).await;
    put(&world, &ledger, "north").await;
    for number in 0..20 {
        let room = format!("room {number}");
        let moved = put(&world, &ledger, &room).await;
        newer.wait_for(SHELVES, moved).await.unwrap();
        assert_eq!(rooms(&newer).await, [room.as_str()]);
        // What the newer applied is there for both.
        assert_eq!(rooms(&older).await, [room.as_str()]);
    }
    older.stop().await;
    assert_verified(&newer).await;
}
