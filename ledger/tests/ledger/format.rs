//! The documented format, by another program than ours: PostgreSQL.

use sqlx::Row;

use crate::support::account::{Account, note};
use crate::support::{World, context};
use crate::verify::altered;

const FORMAT: &str = include_str!("../../../docs/ledger-format.md");

#[tokio::test]
async fn the_documented_query_computes_what_is_recorded_and_finds_what_was_changed() {
    let (_, query) = FORMAT.split_once("```sql\n").unwrap();
    let (query, _) = query.split_once("```").unwrap();
    let bad = async |world: &World| -> Vec<i64> {
        let rows = sqlx::raw_sql(query).fetch_all(&world.pool).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let (world, ledger) = altered("").await;
    ledger
        .execute::<Account>("text", note("\u{20ac}\u{1f600}\"\n\u{1}"), &context())
        .await
        .unwrap();
    assert_eq!(bad(&world).await, [0; 0]);
    let (world, _) = altered("UPDATE events SET metadata = '{}' WHERE position = 4").await;
    assert_eq!(bad(&world).await, [4]);
}
