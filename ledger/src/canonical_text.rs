//! From JSON text to its canonical form (RFC 8785) in one pass, without a tree in between: verification does nothing as
//! often as this. Takes only what can be recorded: integers that every reader keeps, no member twice, no U+0000.

use std::cmp::Ordering;

/// Deeper JSON is not recorded: readers stop there.
const DEPTH: usize = 127;
const LARGEST_INTEGER: u64 = (1 << 53) - 1;

/// Appends the canonical form of a JSON text; `None` when the text is no JSON, or none that can be recorded.
pub(crate) fn append(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
    };
    reader.value(out, 0)?;
    reader.space();
    (reader.at == reader.text.len()).then_some(())
}

/// As [`append`], of the value that begins at `at` and lies within `depth` objects and arrays; tells where it ends.
pub(crate) fn append_at(text: &str, at: usize, depth: usize, out: &mut Vec<u8>) -> Option<usize> {
    let mut reader = Reader {
        text: text.as_bytes(),
        at,
    };
    reader.value(out, depth)?;
    Some(reader.at)
}

/// Appends a text as a canonical JSON string; `None` when it holds U+0000.
pub(crate) fn append_string(text: &str, out: &mut Vec<u8>) -> Option<()> {
    out.push(b'"');
    let mut rest = text;
    while let Some(next) = rest.bytes().position(must_be_escaped) {
        out.extend_from_slice(&rest.as_bytes()[..next]);
        let character = rest[next..].chars().next()?;
        escape(character, out)?;
        rest = &rest[next + 1..];
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
    Some(())
}

fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends one character of a string; `None` for U+0000.
fn escape(character: char, out: &mut Vec<u8>) -> Option<()> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match character {
        '\0' => return None,
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\u{c}' => b'f',
        '\r' => b'r',
        other if other < ' ' => {
            let code = other as usize;
            out.extend_from_slice(b"\\u00");
            out.extend([HEX[code >> 4], HEX[code & 15]]);
            return Some(());
        }
        other => {
            out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(());
        }
    };
    out.extend([b'\\', short]);
    Some(())
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

/// A member within the output: where its name begins (at the quote), where its value does, and where it ends.
#[derive(Clone, Copy)]
struct Member {
    begin: usize,
    value: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, out: &mut Vec<u8>, depth: usize) -> Option<()> {
        self.space();
        match self.peek()? {
            b'{' if depth < DEPTH => self.object(out, depth + 1),
            b'[' if depth < DEPTH => self.array(out, depth + 1),
            b'"' => self.string(out),
            b't' => self.word(b"true", out),
            b'f' => self.word(b"false", out),
            b'n' => self.word(b"null", out),
            _ => self.integer(out),
        }
    }

    fn word(&mut self, word: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let end = self.at + word.len();
        (self.text.get(self.at..end)? == word).then(|| {
            out.extend_from_slice(word);
            self.at = end;
        })
    }

    /// An integer is canonical as it stands: JSON knows no leading zeros, and -0 is none.
    fn integer(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let begin = self.at;
        let negative = self.take(b'-').is_some();
        let digits = self.at;
        let mut magnitude: u64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            magnitude = magnitude
                .checked_mul(10)?
                .checked_add(u64::from(digit - b'0'))?;
            self.at += 1;
        }
        let length = self.at - digits;
        let canonical = length == 1 || self.text.get(digits).is_some_and(|first| *first != b'0');
        let is_integer = length > 0
            && canonical
            && magnitude <= LARGEST_INTEGER
            && !(negative && magnitude == 0)
            && !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        is_integer.then(|| out.extend_from_slice(&self.text[begin..self.at]))
    }

    fn string(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.take(b'"')?;
        out.push(b'"');
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.iter().position(|byte| must_be_escaped(*byte))?;
            out.extend_from_slice(&rest[..plain]);
            self.at += plain + 1;
            match rest[plain] {
                b'"' => break,
                b'\\' => {
                    let character = self.escaped()?;
                    escape(character, out)?;
                }
                _ => return None,
            }
        }
        out.push(b'"');
        Some(())
    }

    /// What a backslash begins.
    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.code_unit()?;
                if !(0xd800..0xe000).contains(&first) {
                    return char::from_u32(first.into());
                }
                self.take(b'\\')?;
                self.take(b'u')?;
                let pair = [first, self.code_unit()?];
                let mut decoded = char::decode_utf16(pair);
                return decoded.next()?.ok();
            }
            _ => return None,
        })
    }

    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit: u16, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some(unit << 4 | u16::try_from(digit).ok()?)
        })
    }

    fn array(&mut self, out: &mut Vec<u8>, depth: usize) -> Option<()> {
        self.take(b'[')?;
        out.push(b'[');
        self.space();
        if self.take(b']').is_none() {
            loop {
                self.value(out, depth)?;
                self.space();
                if self.take(b',').is_none() {
                    break;
                }
                out.push(b',');
            }
            self.take(b']')?;
        }
        out.push(b']');
        Some(())
    }

    fn object(&mut self, out: &mut Vec<u8>, depth: usize) -> Option<()> {
        self.take(b'{')?;
        out.push(b'{');
        let begin = out.len();
        let mut members: Vec<Member> = Vec::with_capacity(16);
        self.space();
        if self.take(b'}').is_none() {
            loop {
                let begin = out.len();
                self.space();
                self.string(out)?;
                self.space();
                self.take(b':')?;
                out.push(b':');
                let value = out.len();
                self.value(out, depth)?;
                members.push(Member {
                    begin,
                    value,
                    end: out.len(),
                });
                self.space();
                if self.take(b',').is_none() {
                    break;
                }
                out.push(b',');
            }
            self.take(b'}')?;
        }
        sort(&mut members, begin, out)?;
        out.push(b'}');
        Some(())
    }
}

/// Brings the members of an object, which stand from `begin` on with commas between, into the order of their names;
/// `None` when two have the same.
fn sort(members: &mut [Member], begin: usize, out: &mut Vec<u8>) -> Option<()> {
    let name = |member: &Member| &out[member.begin..member.value];
    let sorted = members.is_sorted_by(|one, other| order(name(one), name(other)) == Ordering::Less);
    if sorted {
        return Some(());
    }
    members.sort_by(|one, other| order(name(one), name(other)));
    if members
        .windows(2)
        .any(|pair| name(&pair[0]) == name(&pair[1]))
    {
        return None;
    }
    let mut again = Vec::with_capacity(out.len() - begin);
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            again.push(b',');
        }
        again.extend_from_slice(&out[member.begin..member.end]);
    }
    out.truncate(begin);
    out.extend_from_slice(&again);
    Some(())
}

/// The order of two names in their canonical spelling, each with its quotes and colon: by UTF-16 code units.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    let is_plain = |name: &[u8]| name.iter().all(|byte| byte.is_ascii() && *byte != b'\\');
    if is_plain(one) && is_plain(other) {
        // Without the closing quote, which is not less than every character.
        return one[..one.len() - 2].cmp(&other[..other.len() - 2]);
    }
    let units = |name: &[u8]| -> Vec<u16> {
        let text: String = serde_json::from_slice(&name[..name.len() - 1]).unwrap_or_default();
        text.encode_utf16().collect()
    };
    units(one).cmp(&units(other))
}

#[cfg(test)]
mod tests;
