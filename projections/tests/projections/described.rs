//! Read models, and what is recorded, explain themselves in psql.

use chancery_aggregates::nouns::EVENT_TYPES;
use chancery_projections::{ProjectionName, all, stream_types};

use crate::world::World;

#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let world = World::new().await;
    let projections = world.start(all()).await;
    let silent: Vec<String> = sqlx::query_scalar(
        "SELECT c.table_schema || '.' || c.table_name || '.' || c.column_name
         FROM information_schema.columns AS c
         WHERE (c.table_schema = 'public' OR c.table_schema LIKE 'projection\\_%') AND c.table_name <> '_sqlx_migrations'
           AND col_description(format('%I.%I', c.table_schema, c.table_name)::regclass, c.ordinal_position::integer) IS NULL
         UNION ALL
         SELECT t.table_schema || '.' || t.table_name
         FROM information_schema.tables AS t
         WHERE (t.table_schema = 'public' OR t.table_schema LIKE 'projection\\_%') AND t.table_name <> '_sqlx_migrations'
           AND obj_description(format('%I.%I', t.table_schema, t.table_name)::regclass, 'pg_class') IS NULL
         ORDER BY 1",
    )
    .fetch_all(projections.pool())
    .await
    .unwrap();
    assert!(silent.is_empty(), "without a comment: {silent:#?}");
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema LIKE 'projection\\_%'",
    )
    .fetch_one(projections.pool())
    .await
    .unwrap();
    assert!(tables >= 9, "the walk found the tables");
    projections.stop().await;
}

#[tokio::test]
async fn a_rebuilt_read_model_has_the_indexes_that_it_had() {
    const INDEXES: &str =
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'projection_audit' ORDER BY 1";
    let world = World::new().await;
    let projections = world.start(all()).await;
    let pool = projections.pool();
    let before: Vec<String> = sqlx::query_scalar(INDEXES).fetch_all(pool).await.unwrap();
    assert!(before.len() >= 6, "{before:?}");
    projections
        .rebuild(ProjectionName::AUDIT, |_| {})
        .await
        .unwrap();
    let after: Vec<String> = sqlx::query_scalar(INDEXES).fetch_all(pool).await.unwrap();
    assert_eq!(after, before);
    projections.stop().await;
}

#[test]
fn every_aggregate_is_registered_and_leaves_entries_in_the_audit_trail_or_is_named_as_one_that_does_not()
 {
    const WITHOUT_ENTRIES: &[&str] = &["deployment", "provisioner_daemon"];
    let aggregates: Vec<&str> = EVENT_TYPES.iter().map(|(name, _)| *name).collect();
    let registered = stream_types().names();
    let projections = all();
    let audit = projections
        .iter()
        .find(|projection| projection.name() == ProjectionName::AUDIT)
        .unwrap();
    for name in aggregates {
        assert!(registered.contains(&name), "{name} is not registered");
        let leaves_entries = audit.aggregate_types().contains(&name);
        assert_ne!(leaves_entries, WITHOUT_ENTRIES.contains(&name), "{name}");
    }
}
