use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::*;
use crate::canonical::StoredContent;
use crate::reader::RawRow;
use crate::strict_json;

/// A fixed sequence.
struct Draw(u64);

impl Draw {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a",
            "Zo\u{eb}",
            "\"",
            "\\",
            "/",
            "\n",
            "\u{1}",
            "\u{7f}",
            "\u{20ac}",
            "\u{2028}",
            "\u{e000}",
            "\u{ff5e}",
            "\u{1f600}",
            "<&>",
        ];
        (0..self.below(4)).map(|_| self.of(PIECES)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth < 3 { 9 } else { 6 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => self
                .of(&[0_i64, 7, -1, 9_007_199_254_740_991, -9_007_199_254_740_991])
                .into(),
            3..=5 => self.text().into(),
            6 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => self.object(depth + 1),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let members = (0..self.below(5)).map(|_| (self.text(), self.value(depth)));
        Value::Object(members.collect::<Map<_, _>>())
    }

    fn event(&mut self) -> StoredEvent {
        let start: DateTime<Utc> = "2026-02-28T23:59:59Z".parse().unwrap();
        let fraction = self.of(&[0, 1, 10, 999, 1000, 120_000, 999_999]);
        let seconds = self.of(&[0, 1, 86_400, 63_000_000_000, -70_000_000_000]);
        StoredEvent {
            position: Position(self.of(&[1, 10, 1_000_000, 9_007_199_254_740_991])),
            recorded_at: start + TimeDelta::seconds(seconds) + TimeDelta::microseconds(fraction),
            append_id: Uuid::from_u128(u128::from(self.0) << 64 | u128::from(self.0)),
            aggregate_type: self.text(),
            aggregate_id: self.text(),
            sequence: self.of(&[1, 2, 100, 9_007_199_254_740_992]),
            event_type: self.text(),
            event_version: "1.0".to_owned(),
            payload: self.object(0),
            metadata: self.object(0),
            hash: [u8::try_from(self.below(256)).unwrap(); 32],
        }
    }
}

fn line(event: &StoredEvent) -> Vec<u8> {
    let mut line = Vec::new();
    write(event, &mut line).unwrap();
    line
}

fn is_same(one: &Link, other: &Link) -> bool {
    (one.position, one.microseconds, one.content, one.hash)
        == (
            other.position,
            other.microseconds,
            other.content,
            other.hash,
        )
}

/// Whether the plain reader took the line; the tree must make the same of it.
fn is_plain(line: &[u8]) -> bool {
    let Some(plain) = plain::link(line, &mut Vec::new()) else {
        return false;
    };
    let tree = link_by_tree(line);
    let same = tree.as_ref().is_ok_and(|tree| is_same(&plain, tree));
    assert!(
        same,
        "{}: {plain:?}, {tree:?}",
        String::from_utf8_lossy(line)
    );
    true
}

#[test]
fn lines_are_read_without_a_tree_as_with_one() {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let mut plain = 0;
    for _ in 0..5000 {
        let line = line(&draw.event());
        plain += usize::from(is_plain(&line[..line.len() - 1]));
    }
    assert!(plain > 1000, "{plain}");
}

#[test]
fn lines_of_which_anything_was_changed_are_read_without_a_tree_as_with_one() {
    const PIECES: &[&[u8]] = &[
        b" ",
        b"0",
        b"-",
        b"1e3",
        b"1.5",
        b"\"",
        b"\\u0041",
        b"\\/",
        b"\\u00e9",
        b"Z",
        b".000",
        b"00",
        b"{}",
        b",",
        b"null",
        b"A",
        b"\"a\":1,",
        b"\xff",
        b"\n",
    ];
    let mut draw = Draw(0x2545_f491_4f6c_dd1d);
    let mut plain = 0;
    for _ in 0..2000 {
        let line = line(&draw.event());
        let line = &line[..line.len() - 1];
        for _ in 0..20 {
            let mut changed = line.to_vec();
            let at = draw.below(changed.len());
            match draw.below(4) {
                0 => changed[at] ^= 1 << draw.below(8),
                1 => drop(changed.remove(at)),
                2 => drop(changed.splice(at..at, draw.of(PIECES).iter().copied())),
                _ => {
                    let end = (at + 1 + draw.below(20)).min(changed.len());
                    drop(changed.drain(at..end));
                }
            }
            plain += usize::from(is_plain(&changed));
        }
    }
    assert!(plain > 1000, "{plain}");
}

#[test]
fn an_everyday_event_needs_no_tree() {
    let line = br#"{"position":12,"recorded_at":"2026-01-02T03:04:05.678901Z","append_id":"8c8a3f0e-54c9-4d2c-9d0c-6a1f0e2b7d11","aggregate_type":"user","aggregate_id":"a","sequence":1,"event_type":"user_created","event_version":"1.0","payload":{"list":[1,null,true],"name":"Zo\u00eb \"x\""},"metadata":{"actor_id":"7"},"hash":"0a672b17d83446c1951b0921abf4e1c913aeb726fb73f0c504dd8009c666af32"}"#;
    let line = String::from_utf8(line.to_vec())
        .unwrap()
        .replace("\\u00eb", "\u{eb}");
    assert!(is_plain(line.as_bytes()));
    // Far more than 127 deep in all: no reader takes it.
    let deep = |depth: usize| {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        line.replace("[1,null,true]", &nested)
    };
    assert!(is_plain(deep(125).as_bytes()));
    assert!(!is_plain(deep(126).as_bytes()));
    assert!(link_by_tree(deep(126).as_bytes()).is_err());
}

#[test]
fn rows_are_written_without_a_tree_as_with_one() {
    let mut draw = Draw(0xda94_2042_e4dd_58b5);
    let mut plain = 0;
    for _ in 0..5000 {
        let event = draw.event();
        // As a database may have it: spaces, another order, other spellings, and what cannot be recorded.
        let payload = match draw.below(4) {
            0 => format!(" {{ \"z\" : {} , \"a\" : \"\\u0041\\/\" }} ", event.payload),
            1 => format!(
                "{{\"n\":{}}}",
                draw.of(&["1.50", "1e400", "-0", "18446744073709551616", "\"\\u0000\""])
            ),
            2 => "{\"a\":1,\"a\":2}".to_owned(),
            _ => event.payload.to_string(),
        };
        let metadata = event.metadata.to_string();
        let row = RawRow {
            position: event.position,
            recorded_at: event.recorded_at,
            content: StoredContent {
                append_id: event.append_id,
                aggregate_type: &event.aggregate_type,
                aggregate_id: &event.aggregate_id,
                sequence: event.sequence,
                event_type: &event.event_type,
                event_version: &event.event_version,
                payload: &payload,
                metadata: &metadata,
            },
            hash: &event.hash,
        };
        let mut written = Vec::new();
        if plain::write(&row, &mut written).is_some() {
            let payload = strict_json::parse(&payload).unwrap();
            let expected = line(&StoredEvent { payload, ..event });
            assert_eq!(String::from_utf8(written), String::from_utf8(expected));
            plain += 1;
        }
    }
    assert!(plain > 1000, "{plain}");
}
