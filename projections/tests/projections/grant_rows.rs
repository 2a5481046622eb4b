//! How the rows of grants are changed.

use chancery_aggregates::oauth2_app::AppSecret;
use chancery_projections::all;
use chrono::{DateTime, Utc};

use crate::history::History;

/// What an exchange and a refresh change touches no index: PostgreSQL puts the new version of the row on the page of the
/// old one (a heap-only tuple) and writes nothing but that page.
#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_and_a_refresh_change_a_grants_row_without_touching_an_index() {
    let history = History::new(all()).await;
    let user = history.first_user().await;
    let app = history.app("heap-only", false).await;
    let grant = history.code(app, user, true).await;
    history.settle().await;
    let mut transaction = history.projections.pool().begin().await.unwrap();
    for (status, refreshed_at) in [
        ("exchanged", None),
        ("exchanged", Some(history.world.now())),
    ] {
        let now = history.world.now();
        sqlx::query(include_str!("../../src/oauth2_grant/sql/update.sql"))
            .bind(vec![grant.as_str()])
            .bind(vec![status])
            .bind(vec!["all"])
            .bind(vec![Some(history.world.id::<AppSecret>())])
            .bind(vec![Some("https://mcp.example.org/")])
            .bind(vec![Some(now)])
            .bind(vec![Some(now)])
            .bind(vec![Some(now)])
            .bind(vec![refreshed_at])
            .bind(vec![None::<DateTime<Utc>>])
            .bind(vec![None::<String>])
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    let (changed, heap_only): (i64, i64) = sqlx::query_as(
        "SELECT pg_stat_get_xact_tuples_updated('oauth2_grants'::regclass), pg_stat_get_xact_tuples_hot_updated('oauth2_grants'::regclass)",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert_eq!((changed, heap_only), (2, 2));
}
