//! What a history proves: answers that contradict each other.
//!
//! Every rule follows from intervals alone: an act that was answered before another began had happened before it. An unclear act
//! may have happened at any time since it began, or never.

use std::collections::BTreeMap;

use crate::history::{Act, Answer, Entry, Unclear};

/// A kind of violation: a column of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Answered as done, and not so later.
    Lost,
    /// Done twice, though it may be done once.
    Twice,
    /// Ended, and there later.
    Undead,
    /// A live credential was refused.
    FalseRefusal,
    /// The log has a gap or a broken chain.
    Gap,
    /// A read model differs from the log.
    Unequal,
    /// Not everybody is served again in time.
    NotRecovered,
    /// Descriptors that were not there before.
    Leak,
    /// A 5xx other than a 503 that says when to come again.
    Rude,
}

impl Column {
    /// All columns, in the report's order.
    pub const ALL: [Self; 9] = [
        Self::Lost,
        Self::Twice,
        Self::Undead,
        Self::FalseRefusal,
        Self::Gap,
        Self::Unequal,
        Self::NotRecovered,
        Self::Leak,
        Self::Rude,
    ];

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Twice => "twice",
            Self::Undead => "undead",
            Self::FalseRefusal => "false refusal",
            Self::Gap => "gap",
            Self::Unequal => "unequal",
            Self::NotRecovered => "not recovered",
            Self::Leak => "leak",
            Self::Rude => "rude",
        }
    }
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its kind.
    pub column: Column,
    /// What contradicts what.
    pub text: String,
}

impl Violation {
    /// A violation of this kind.
    pub fn new(column: Column, text: impl Into<String>) -> Self {
        Self {
            column,
            text: text.into(),
        }
    }
}

/// Everything that happened to one thing.
#[derive(Default)]
struct Life<'a> {
    made: Vec<&'a Entry>,
    changes: Vec<(&'a str, &'a Entry)>,
    ends: Vec<&'a Entry>,
    reads: Vec<&'a Entry>,
}

/// Finds every violation in a history.
pub fn check(entries: &[Entry]) -> Vec<Violation> {
    let mut lives: BTreeMap<&str, Life> = BTreeMap::new();
    let mut spent: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in entries {
        match &entry.act {
            Act::Create { thing } => lives.entry(thing).or_default().made.push(entry),
            Act::Spend { secret, thing } => {
                lives.entry(thing).or_default().made.push(entry);
                spent.entry(secret).or_default().push(entry);
            }
            Act::Change { thing, value } => {
                lives.entry(thing).or_default().changes.push((value, entry));
            }
            Act::End { thing } => lives.entry(thing).or_default().ends.push(entry),
            Act::Read { thing } => lives.entry(thing).or_default().reads.push(entry),
        }
        match entry.answer {
            Answer::Unclear(Unclear::Rude(status)) => {
                let text = format!("{:?} was answered {status}", entry.act);
                found.push(Violation::new(Column::Rude, text));
            }
            // Everybody's own credential is live throughout; what is read answers for itself.
            Answer::Refused(401) => {
                let text = format!("{:?} was answered 401", entry.act);
                found.push(Violation::new(Column::FalseRefusal, text));
            }
            _ => {}
        }
    }
    for (secret, spends) in spent {
        check_spends(secret, &spends, &lives, &mut found);
    }
    for (thing, life) in &lives {
        check_life(thing, life, &mut found);
    }
    found
}

fn done<'a>(entries: &'a [&'a Entry]) -> impl Iterator<Item = &'a Entry> {
    let done = entries.iter().filter(|entry| entry.answer == Answer::Done);
    done.copied()
}

fn check_spends(
    secret: &str,
    spends: &[&Entry],
    lives: &BTreeMap<&str, Life>,
    found: &mut Vec<Violation>,
) {
    if done(spends).count() > 1 {
        found.push(Violation::new(
            Column::Twice,
            format!("{secret} worked twice"),
        ));
    }
    for spend in spends {
        let alone = !spends
            .iter()
            .any(|other| !std::ptr::eq(*other, *spend) && other.began < spend.ended);
        let made = lives.get(secret).map_or(&[][..], |life| &life.made);
        let was_made = done(made).any(|made| made.ended < spend.began);
        if matches!(spend.answer, Answer::Refused(_)) && alone && was_made {
            let text = format!("{secret} was refused though nobody had used it");
            found.push(Violation::new(Column::FalseRefusal, text));
        }
    }
}

fn check_life(thing: &str, life: &Life, found: &mut Vec<Violation>) {
    if done(&life.made).count() > 1 {
        found.push(Violation::new(
            Column::Twice,
            format!("{thing} was made twice"),
        ));
    }
    for read in &life.reads {
        let ended = done(&life.ends).any(|end| end.ended < read.began);
        let ending = life.ends.iter().any(|end| end.began < read.ended);
        match &read.answer {
            Answer::Shows(_) if ended => {
                let text = format!("{thing} was there after it was ended: {read:?}");
                found.push(Violation::new(Column::Undead, text));
            }
            Answer::Shows(Some(value)) if !allowed(value, read, life) => {
                let text = format!("{thing} is {value:?}, not what it was changed to: {read:?}");
                found.push(Violation::new(Column::Lost, text));
            }
            Answer::Gone if !ending && done(&life.made).any(|made| made.ended < read.began) => {
                let credential = !thing.starts_with("group");
                let column = if credential && !read.last {
                    Column::FalseRefusal
                } else {
                    Column::Lost
                };
                let text = format!("{thing} was made and is not there: {read:?}");
                found.push(Violation::new(column, text));
            }
            _ => {}
        }
    }
}

/// Whether a read may show `value`: the last change that was answered before it began, or one that may have come after that.
fn allowed(value: &str, read: &Entry, life: &Life) -> bool {
    let certain = life
        .changes
        .iter()
        .filter(|(_, change)| change.answer == Answer::Done && change.ended < read.began)
        .max_by_key(|(_, change)| change.began);
    let Some((last, certain)) = certain else {
        return true;
    };
    let may_follow = |change: &Entry| match change.answer {
        Answer::Done => change.ended >= certain.began && change.began < read.ended,
        Answer::Unclear(_) => change.began < read.ended,
        _ => false,
    };
    *last == value
        || life
            .changes
            .iter()
            .any(|(other, change)| *other == value && may_follow(change))
}
