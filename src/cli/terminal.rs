//! What commands print. Whatever was recorded may be in it, which others chose: no character in it steers a terminal, or the order in
//! which text is read.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use chancery_aggregates::text::is_unseen;

use super::failure::Failure;

/// The standard output. The only one: `clippy.toml` forbids the library's elsewhere.
#[expect(clippy::disallowed_methods, reason = "it is wrapped here")]
pub fn stdout() -> Stdout {
    Escaping::new(io::stdout())
}

/// The standard output of commands.
pub type Stdout = Escaping<io::Stdout>;

/// Whether the standard output is a terminal.
#[expect(clippy::disallowed_methods, reason = "nothing is written")]
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Text from the log for a terminal: without characters that are not shown but steer how others are, such as those that reverse the
/// direction of writing.
pub fn clean(text: &str) -> String {
    let shown = |character| {
        if is_unseen(character) {
            '\u{fffd}'
        } else {
            character
        }
    };
    text.chars().map(shown).collect()
}

/// The same of text of several lines, each of which stays one.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    lines.join("\n")
}

/// Prints a line of JSON.
pub fn json_line(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, value).map_err(|error| {
        if error.is_io() {
            Failure::Output(error.into())
        } else {
            error.into()
        }
    })?;
    writeln!(out)?;
    Ok(())
}

/// The one control character of ASCII that is escaped, and that JSON lets pass.
const DELETE: u8 = 0x7f;

/// Writes invisible characters as JSON escapes them, `\u202e`; so JSON stays what it was. The controls of ASCII pass, because lines end
/// and colours begin with them: JSON never holds them, and other text is [`clean`]ed of them where it comes in.
pub struct Escaping<W> {
    out: W,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            begun: Vec::new(),
        }
    }
}

/// The text with its invisible characters escaped, those from U+0000 to U+001F excepted.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_escaped = |character: char| character >= ' ' && is_unseen(character);
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() && bytes.is_ascii() && !bytes.contains(&DELETE) {
            self.out.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut written = Vec::with_capacity(all.len());
        let mut rest = &all[..];
        while let Err(error) = std::str::from_utf8(rest) {
            let (valid, after) = rest.split_at(error.valid_up_to());
            written.extend_from_slice(escaped(&String::from_utf8_lossy(valid)).as_bytes());
            let Some(length) = error.error_len() else {
                self.begun = after.to_vec();
                rest = &[];
                break;
            };
            let (invalid, after) = after.split_at(length);
            written.extend_from_slice(invalid);
            rest = after;
        }
        written.extend_from_slice(escaped(&String::from_utf8_lossy(rest)).as_bytes());
        // At once: lines of several threads do not mix.
        self.out.write_all(&written)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEERING: [char; 10] = [
        '\n',
        '\u{1b}',
        '\u{7f}',
        '\u{9b}',
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{feff}',
        '\u{2028}',
        '\u{e0001}',
    ];

    fn written(pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Escaping::new(Vec::new());
        for piece in pieces {
            out.write_all(piece).unwrap();
        }
        out.out
    }

    #[test]
    fn text_cannot_steer_the_terminal_or_the_order_of_what_is_read() {
        for character in STEERING {
            assert_eq!(clean(&format!("a{character}b")), "a\u{fffd}b");
        }
        assert_eq!(clean("Ada \u{e9} \u{5d0}"), "Ada \u{e9} \u{5d0}");
    }

    #[test]
    fn json_is_the_same_without_characters_that_steer_a_terminal() {
        for (character, rest) in STEERING.iter().flat_map(|c| [(c, "\u{e9}"), (c, "b")]) {
            let value = serde_json::json!({ "name": format!("a{character}{rest}") });
            let json = written(&[value.to_string().as_bytes()]);
            let text = String::from_utf8(json).unwrap();
            assert!(!text.contains(is_unseen), "{text:?}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&text).unwrap(),
                value
            );
        }
    }

    #[test]
    fn a_character_may_come_in_pieces_and_bytes_that_are_none_pass() {
        let text = "a\u{202e}b\u{e9}";
        for at in 0..=text.len() {
            let (one, other) = text.as_bytes().split_at(at);
            assert_eq!(written(&[one, other]), "a\\u202eb\u{e9}".as_bytes());
        }
        assert_eq!(written(&[b"a\xffb\xc3", b"("]), b"a\xffb\xc3(");
    }

    #[test]
    fn lines_and_colours_pass() {
        let text = "\u{1b}[31mred\u{1b}[0m\n";
        assert_eq!(written(&[text.as_bytes()]), text.as_bytes());
    }
}
