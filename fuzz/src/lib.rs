//! Fuzzing on a stable compiler: [`fuzz`] runs a property on every input of a corpus, then on changed ones until its time is up.
//!
//! A corpus is a file under `corpus/` with one input a line, each a JSON string. When a property fails, the input is printed in that
//! form, and the seed that makes it: `ARBTEST_SEED=<seed>` runs it alone. An input that found a bug joins the corpus.
//!
//! A target is a test under `tests/`; a parser of another crate joins as another test, with that crate as a dependency.

use std::time::Duration;

use arbtest::arbitrary::{Result, Unstructured};

/// How long a target runs when `ARBTEST_BUDGET_MS` does not say (milliseconds, for each target).
const BUDGET: Duration = Duration::from_secs(2);
/// Most changes that are made to one input.
const MOST_CHANGES: usize = 12;
/// What parsers trip over: separators, escapes, controls, and letters whose case or width is odd.
const TRAPS: [&str; 34] = [
    "\0", "\t", "\n", "\r", " ", "\u{a0}", "\u{7f}", "\u{feff}", "\u{202e}", "\u{200d}", "\"",
    "\\", "/", "//", "#", "?", "&", "=", ":", "@", "[", "]", "%", "%00", "%2f", "+", "-", ".",
    "..", "_", "İ", "ẞ", "٣", "😀",
];

/// Holds `property`, which panics on what it refutes, against the corpus and against inputs made of it.
///
/// `corpus` is the content of a corpus file. `words` are pieces that random change would not find.
///
/// # Panics
/// When the property does, and when the corpus is malformed.
pub fn fuzz(corpus: &str, words: &[&str], property: impl Fn(&str)) {
    let seeds: Vec<String> = corpus.lines().map(seed).collect();
    let check = |input: &str| {
        let _shown = ShownOnPanic(input);
        property(input);
    };
    for seed in &seeds {
        check(seed);
    }
    let search = arbtest::arbtest(|source| {
        check(&changed(source, &seeds, words)?);
        Ok(())
    });
    if std::env::var_os("ARBTEST_BUDGET_MS").is_some() {
        search.run();
    } else {
        search.budget(BUDGET).run();
    }
}

fn seed(line: &str) -> String {
    match serde_json::from_str(line) {
        Ok(input) => input,
        Err(error) => panic!("{line} is not a JSON string: {error}"),
    }
}

struct ShownOnPanic<'a>(&'a str);

impl Drop for ShownOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input was {}", serde_json::Value::from(self.0));
        }
    }
}

/// An input of the corpus, or nothing, changed a few times.
fn changed(source: &mut Unstructured<'_>, seeds: &[String], words: &[&str]) -> Result<String> {
    let mut text = if source.ratio(1, 8)? {
        String::new()
    } else {
        source.choose(seeds)?.clone()
    };
    for _ in 0..source.int_in_range(0..=MOST_CHANGES)? {
        let (from, to) = (boundary(source, &text)?, boundary(source, &text)?);
        let range = from.min(to)..from.max(to);
        match source.int_in_range(0..=8)? {
            0 => text.insert_str(from, source.choose(&TRAPS)?),
            1 if !words.is_empty() => text.insert_str(from, source.choose(words)?),
            2 => text.insert(from, source.arbitrary()?),
            3 => text.insert(from, char::from(source.int_in_range(0x20..=0x7e)?)),
            4 => text.replace_range(range, ""),
            5 => {
                let copy = text[range].repeat(source.int_in_range(1..=40)?);
                text.insert_str(to, &copy);
            }
            6 => {
                let upper = text[range.clone()].to_uppercase();
                text.replace_range(range, &upper);
            }
            7 => text.replace_range(range, source.choose(words).unwrap_or(&"")),
            _ => {
                let other = source.choose(seeds)?;
                let at = boundary(source, other)?;
                text.replace_range(from.., &other[at..]);
            }
        }
    }
    Ok(text)
}

/// A place between two characters.
fn boundary(source: &mut Unstructured<'_>, text: &str) -> Result<usize> {
    let at = source.int_in_range(0..=text.len())?;
    Ok((at..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len()))
}
