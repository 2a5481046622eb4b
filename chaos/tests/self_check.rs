//! The checks find each kind of violation that is planted in a recorded history, and nothing in the history itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use chancery_chaos::check::{Column, check};
use chancery_chaos::history::{Act, Answer, Entry, Unclear};
use chancery_chaos::leaks;

/// A round of `kill-server` with two servers.
fn recorded() -> Vec<Entry> {
    let lines = include_str!("recorded.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The columns of what is found after `plant` changed the recorded history.
fn found(plant: impl FnOnce(&mut Vec<Entry>)) -> Vec<Column> {
    let mut entries = recorded();
    plant(&mut entries);
    let mut columns: Vec<Column> = check(&entries).iter().map(|found| found.column).collect();
    columns.dedup();
    columns
}

fn entry(entries: &mut [Entry], wanted: impl Fn(&Entry) -> bool) -> &mut Entry {
    entries
        .iter_mut()
        .find(|entry| wanted(entry))
        .expect("the history should have it")
}

fn thing(entry: &Entry) -> &str {
    match &entry.act {
        Act::Create { thing }
        | Act::Spend { thing, .. }
        | Act::Change { thing, .. }
        | Act::End { thing }
        | Act::Read { thing } => thing,
    }
}

/// Whether an entry is a look-up, the last ones or those before, that found a thing of this kind.
fn shows(entry: &Entry, kind: &str, last: bool) -> bool {
    let is_kind = thing(entry)
        .split_once(' ')
        .is_some_and(|(found, _)| found == kind);
    matches!(entry.answer, Answer::Shows(_)) && is_kind && entry.last == last
}

/// The things of this kind whose end is answered.
fn ended(entries: &[Entry], kind: &str) -> Vec<String> {
    let ends = entries.iter().filter(|entry| {
        matches!(entry.act, Act::End { .. })
            && entry.answer == Answer::Done
            && thing(entry).starts_with(kind)
    });
    ends.map(|entry| thing(entry).to_owned()).collect()
}

#[test]
fn the_recorded_history_is_clean_and_has_some_of_everything() {
    let entries = recorded();
    assert_eq!(check(&entries), []);
    for wanted in [
        Answer::Gone,
        Answer::Done,
        Answer::Refused(400),
        Answer::Unclear(Unclear::Broken),
    ] {
        assert!(
            entries.iter().any(|entry| entry.answer == wanted),
            "{wanted:?}"
        );
    }
}

#[test]
fn a_group_that_was_made_and_is_gone_is_lost() {
    let columns =
        found(|entries| entry(entries, |entry| shows(entry, "group", true)).answer = Answer::Gone);
    assert_eq!(columns, [Column::Lost]);
}

#[test]
fn a_token_that_does_not_work_after_everything_recovered_is_lost() {
    let columns =
        found(|entries| entry(entries, |entry| shows(entry, "token", true)).answer = Answer::Gone);
    assert_eq!(columns, [Column::Lost]);
}

#[test]
fn a_change_that_is_not_there_is_lost() {
    let columns = found(|entries| {
        let change =
            |entry: &Entry| matches!(entry.act, Act::Change { .. }) && entry.answer == Answer::Done;
        let changed: Vec<String> = entries
            .iter()
            .filter(|entry| change(entry))
            .map(|entry| thing(entry).to_owned())
            .collect();
        let read = entry(entries, |entry| {
            shows(entry, "group", true) && changed.iter().any(|other| other == thing(entry))
        });
        read.answer = Answer::Shows(Some("before".to_owned()));
    });
    assert_eq!(columns, [Column::Lost]);
}

#[test]
fn a_token_that_works_after_it_was_revoked_is_undead() {
    let columns = found(|entries| {
        let ended = ended(entries, "token");
        let read = entry(entries, |entry| {
            entry.answer == Answer::Gone && ended.iter().any(|other| other == thing(entry))
        });
        read.answer = Answer::Shows(None);
    });
    assert_eq!(columns, [Column::Undead]);
}

#[test]
fn a_group_that_is_there_after_it_was_deleted_is_undead() {
    let columns = found(|entries| {
        let ended = ended(entries, "group");
        let read = entry(entries, |entry| {
            entry.answer == Answer::Gone && ended.iter().any(|other| other == thing(entry))
        });
        read.answer = Answer::Shows(Some(String::new()));
    });
    assert_eq!(columns, [Column::Undead]);
}

#[test]
fn a_code_that_works_twice_is_found() {
    let columns = found(|entries| {
        let spend =
            |entry: &Entry| matches!(entry.act, Act::Spend { .. }) && entry.answer == Answer::Done;
        let mut again = entry(entries, spend).clone();
        if let Act::Spend { thing, .. } = &mut again.act {
            "token of another".clone_into(thing);
        }
        entries.push(again);
    });
    assert_eq!(columns, [Column::Twice]);
}

#[test]
fn a_live_token_that_is_refused_before_it_works_again_is_a_false_refusal() {
    let columns =
        found(|entries| entry(entries, |entry| shows(entry, "token", false)).answer = Answer::Gone);
    assert_eq!(columns, [Column::FalseRefusal]);
}

#[test]
fn a_code_that_is_refused_though_nobody_used_it_is_a_false_refusal() {
    let columns = found(|entries| {
        let mut spends = entries.clone();
        spends.retain(
            |entry| matches!(&entry.act, Act::Spend { secret, .. } if secret.starts_with("code")),
        );
        let alone = |spend: &Entry| {
            let Act::Spend { secret, .. } = &spend.act else {
                return false;
            };
            let same = spends.iter().filter(
                |other| matches!(&other.act, Act::Spend { secret: other, .. } if other == secret),
            );
            spend.answer == Answer::Done && same.count() == 1
        };
        entry(entries, alone).answer = Answer::Refused(400);
    });
    assert_eq!(columns, [Column::FalseRefusal]);
}

#[test]
fn a_write_that_is_refused_for_its_credential_is_a_false_refusal() {
    let columns = found(|entries| {
        let write = |entry: &Entry| matches!(entry.act, Act::Change { .. });
        entry(entries, write).answer = Answer::Refused(401);
    });
    assert!(columns.contains(&Column::FalseRefusal), "{columns:?}");
}

#[test]
fn an_error_that_does_not_say_when_to_come_again_is_rude() {
    let columns = found(|entries| entries[0].answer = Answer::Unclear(Unclear::Rude(500)));
    assert_eq!(columns, [Column::Rude]);
}

#[test]
fn descriptors_that_grow_round_by_round_are_a_leak() {
    assert!(!leaks(60, 64));
    assert!(leaks(60, 200));
}
