//! What reading needs in the database.

use chancery_ledger::{Checkpoints, Evidence, LedgerReader, Position};

use super::Audited;
use crate::support::account::types;
use crate::support::time;

#[tokio::test]
async fn a_reader_needs_no_write_permission() {
    let audited = Audited::new(5).await;
    audited.checkpoint().await;
    let role = format!("reader_{}", audited.world.database.name());
    sqlx::raw_sql(&format!(
        "CREATE ROLE \"{role}\" LOGIN; GRANT SELECT ON events, ledger_head, ledger_checkpoints, ledger_signing_keys, ledger_tiles TO \"{role}\""
    ))
    .execute(&audited.world.pool)
    .await
    .unwrap();
    let options = audited.world.database.options().username(&role);
    let reader = LedgerReader::new(crate::support::pool(options), types());
    let all = Position(1)..=Position(i64::MAX);
    let verified = reader
        .verify_against(all.clone(), &Evidence::default(), |_| {})
        .await
        .unwrap();
    assert_eq!((verified.verified.events, verified.checkpoints), (5, 1));
    reader.export(all, &mut Vec::new(), |_| {}).await.unwrap();
    reader.prove(Position(2), None).await.unwrap();
    let path = "0/000.p/5".parse().unwrap();
    assert!(reader.tile(path).await.unwrap().is_some());
    reader.replay("account", "a", Position(3)).await.unwrap();
    audited.record(1).await;
    let checkpoints = Checkpoints::new(reader);
    let signed = checkpoints.sign(&audited.key, None).await.unwrap().unwrap();
    assert!(checkpoints.publish(&signed, time(9)).await.is_err());
    sqlx::raw_sql(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""))
        .execute(&audited.world.pool)
        .await
        .unwrap();
}
