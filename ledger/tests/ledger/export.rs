use std::io::Cursor;

use chancery_ledger::{
    Evidence, Fault, LedgerReader, Position, VerifiedExport, VerifyExportError, verify_export,
};

use crate::support::account::{Account, AccountCommand, deposit, open, types};
use crate::support::{World, context};

/// A ledger of six events.
async fn six() -> (World, LedgerReader) {
    let world = World::new().await;
    let ledger = world.ledger().await;
    for n in 0..3 {
        let mut unit = ledger.unit_of_work(&context());
        unit.execute::<Account>(&format!("{n}"), open(&format!("name {n} \u{20ac}\n\"")))
            .await
            .unwrap();
        unit.execute::<Account>("shared", deposit(n + 1))
            .await
            .unwrap();
        unit.commit().await.unwrap();
    }
    let reader = LedgerReader::new(world.pool.clone(), types());
    (world, reader)
}

async fn exported(reader: &LedgerReader, first: i64, last: i64) -> Vec<u8> {
    let mut file = Vec::new();
    reader
        .export(Position(first)..=Position(last), &mut file, |_| {})
        .await
        .unwrap();
    file
}

fn verify(file: &[u8]) -> Result<VerifiedExport, VerifyExportError> {
    verify_export(Cursor::new(file), &Evidence::default(), |_| {})
}

/// The first position at fault, and the fault where it is one of the chain.
fn located(file: &[u8]) -> (i64, Option<Fault>) {
    match verify(file).unwrap_err() {
        VerifyExportError::Bad { position, fault } => (position.0, Some(fault)),
        VerifyExportError::Corrupt { position, .. } => (position.0, None),
        VerifyExportError::Truncated { position, .. } => (position.0, Some(Fault::Removed)),
        other => panic!("{other}"),
    }
}

fn lines(file: &[u8]) -> Vec<Vec<u8>> {
    file.split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

#[tokio::test]
async fn an_export_is_verified_without_the_database_and_says_what_the_ledger_says() {
    let (world, reader) = six().await;
    let file = exported(&reader, 1, i64::MAX).await;
    let last = reader.read_raw(Position(5), 1).await.unwrap().remove(0);
    drop((reader, world));
    let verified = verify(&file).unwrap();
    assert_eq!(verified.verified.events, 6);
    assert_eq!(verified.verified.hash, last.hash);
    assert_eq!(verified.header.last, Position(6));
}

#[tokio::test]
async fn a_range_and_an_empty_ledger_are_exported_and_verified() {
    let (_world, reader) = six().await;
    let verified = verify(&exported(&reader, 3, 4).await).unwrap();
    assert_eq!(
        (verified.verified.events, verified.verified.last),
        (2, Position(4))
    );
    let beyond = reader
        .export(Position(7)..=Position(9), &mut Vec::new(), |_| {})
        .await;
    assert_eq!(
        beyond.unwrap_err().to_string(),
        "there are no positions 7 to 9: the log ends at 6"
    );
    let world = World::new().await;
    let empty = LedgerReader::new(world.pool.clone(), types());
    assert_eq!(
        verify(&exported(&empty, 1, i64::MAX).await)
            .unwrap()
            .verified
            .events,
        0
    );
}

#[tokio::test]
async fn every_single_byte_of_an_event_that_is_changed_is_located() {
    let (_world, reader) = six().await;
    let file = exported(&reader, 1, i64::MAX).await;
    let lines = lines(&file);
    let start: usize = lines[..4].iter().map(Vec::len).sum();
    for offset in start..start + lines[4].len() {
        for bit in [0x01, 0x20] {
            let mut changed = file.clone();
            changed[offset] ^= bit;
            let (position, _) = located(&changed);
            let context =
                String::from_utf8_lossy(&changed[start..start + lines[4].len()]).into_owned();
            assert_eq!(position, 4, "byte {}, {bit}: {context}", offset - start);
        }
    }
}

#[tokio::test]
async fn removed_inserted_reordered_and_cut_off_lines_are_located() {
    let (_world, reader) = six().await;
    let file = exported(&reader, 1, i64::MAX).await;
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut lines = lines(&file);
        change(&mut lines);
        located(&lines.concat())
    };
    assert_eq!(
        with(&|lines| drop(lines.remove(3))),
        (3, Some(Fault::Removed))
    );
    assert_eq!(with(&|lines| lines.swap(3, 4)), (3, Some(Fault::Displaced)));
    assert_eq!(
        with(&|lines| lines.insert(4, lines[3].clone())),
        (4, Some(Fault::Displaced))
    );
    assert_eq!(with(&|lines| drop(lines.pop())), (6, Some(Fault::Removed)));
    assert_eq!(
        with(&|lines| lines.push(lines[6].clone())),
        (7, Some(Fault::BeyondHead))
    );
    for cut in [1, 100] {
        let error = verify(&file[..file.len() - cut]).unwrap_err();
        let VerifyExportError::Truncated { position, last } = error else {
            panic!("{error}")
        };
        assert_eq!((position, last), (Position(6), Position(6)), "cut by {cut}");
    }
}

#[tokio::test]
async fn a_long_export_is_held_to_the_same_from_end_to_end() {
    let world = World::new().await;
    let ledger = world.ledger().await;
    // Four events fill what is read at a time.
    let text = "\u{20ac}".repeat(100_000);
    for n in 0..12 {
        let note = AccountCommand::Note { text: text.clone() };
        ledger
            .execute::<Account>(&format!("{n}"), note, &context())
            .await
            .unwrap();
    }
    let reader = LedgerReader::new(world.pool.clone(), types());
    let file = exported(&reader, 1, i64::MAX).await;
    assert_eq!(verify(&file).unwrap().verified.events, 12);
    let lines = lines(&file);
    for position in 1..=11 {
        let mut changed = lines.clone();
        let at = changed[position].len() / 2;
        changed[position][at] ^= 1;
        let expected = i64::try_from(position).unwrap();
        assert_eq!(located(&changed.concat()).0, expected);
        let mut removed = lines.clone();
        removed.remove(position);
        let fault = Some(Fault::Removed);
        assert_eq!(located(&removed.concat()), (expected, fault));
        let mut swapped = lines.clone();
        swapped.swap(position, position + 1);
        let fault = Some(Fault::Displaced);
        assert_eq!(located(&swapped.concat()), (expected, fault));
    }
}

#[tokio::test]
async fn an_altered_log_is_exported_as_it_is_and_found_out() {
    let (world, reader) = six().await;
    sqlx::raw_sql(
        "ALTER TABLE events DISABLE TRIGGER events_are_forever;
         UPDATE events SET payload = '{\"type\":\"deposited\",\"amount\":9}' WHERE position = 4",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    assert_eq!(
        located(&exported(&reader, 1, i64::MAX).await),
        (4, Some(Fault::Changed))
    );
}

#[test]
fn foreign_empty_and_newer_files_are_told_apart() {
    for file in [
        "",
        "hello\n",
        "{\"a\":1}\n",
        "{\"format\":\"other\",\"version\":1}\n",
        "\u{0}\u{1}",
    ] {
        assert!(
            matches!(verify(file.as_bytes()), Err(VerifyExportError::Foreign(_))),
            "{file:?}"
        );
    }
    let newer = b"{\"format\":\"chancery ledger export\",\"version\":2}\n";
    assert!(matches!(verify(newer), Err(VerifyExportError::Version(2))));
    let half = b"{\"format\":\"chancery ledger export\",\"vers";
    assert!(matches!(
        verify(half),
        Err(VerifyExportError::Truncated { .. })
    ));
    let damaged = b"{\"format\":\"chancery ledger export\",\"version\":1}\n";
    assert!(matches!(
        verify(damaged),
        Err(VerifyExportError::Corrupt { line: 1, .. })
    ));
}
