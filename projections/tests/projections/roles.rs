//! A running server is no superuser, and touches the log by the append alone.

use chancery_ledger::Ledger;
use chancery_postgres::testing::cluster;
use chancery_projections::{Projections, all};
use sqlx::{ConnectOptions, Executor};

use crate::history::History;
use crate::world::{Database, World, assert_verified, config, open};

const FORBIDDEN: &[&str] = &[
    "INSERT INTO events SELECT * FROM events LIMIT 1",
    "UPDATE events SET event_type = 'other'",
    "DELETE FROM events",
    "TRUNCATE events",
    "ALTER TABLE events DISABLE TRIGGER events_are_forever",
    "DROP TRIGGER events_are_forever ON events",
    "UPDATE ledger_head SET position = 1",
    "DELETE FROM unique_keys",
    "INSERT INTO unique_keys VALUES ('a', 'b', 'c')",
    "CREATE OR REPLACE FUNCTION events_are_forever() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TABLE public.events_too ()",
    "SET session_replication_role = replica",
    "SET ROLE chancery",
    "COPY events TO PROGRAM 'cat'",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_s_role_records_follows_and_rebuilds_and_changes_nothing_recorded() {
    let cluster = cluster().await;
    let server_options = cluster.server_options();
    let mut world = World::on(Database::Own(cluster)).await;
    world.ledger = open(server_options.clone()).await;
    let projections = Projections::start_with(
        world.ledger.clone(),
        server_options.clone(),
        config(),
        all(),
    )
    .await
    .unwrap();
    let history = History::with(world, projections);
    history.first_user().await;
    history.lifetime_of_an_app().await;
    history.settle().await;
    assert_verified(&history.projections).await;

    let mut connection = server_options.connect().await.unwrap();
    let (superuser,): (bool,) =
        sqlx::query_as("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert!(!superuser);
    for statement in FORBIDDEN {
        let refused = connection.execute(*statement).await.unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
    // It migrates nothing, and does not have to.
    let pool = sqlx::PgPool::connect_with(server_options).await.unwrap();
    Ledger::migrate(&pool).await.unwrap();
}
