//! Lines whose JSON is written the same in an export and in its canonical form, which is nearly all: they are copied and
//! hashed as they are. `None` is no verdict; it leaves the line to the tree.

use std::ops::Range;

use chrono::{NaiveDate, SecondsFormat};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Position;
use crate::canonical_text;
use crate::reader::RawRow;
use crate::verify::Link;

/// Every reader keeps smaller ones, and writes them in the same way.
const LARGEST_INTEGER: i64 = (1 << 53) - 1;
/// What a line's payload and metadata lie within.
const DEPTH: usize = 1;

/// Appends the line of a row, with its line feed.
pub(super) fn write(row: &RawRow<'_>, out: &mut Vec<u8>) -> Option<()> {
    let content = &row.content;
    let time = row.recorded_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let mut id = Uuid::encode_buffer();
    let append_id: &str = content.append_id.hyphenated().encode_lower(&mut id);
    out.extend_from_slice(b"{\"position\":");
    out.extend_from_slice(row.position.0.to_string().as_bytes());
    for (name, text) in [
        (&b",\"recorded_at\":"[..], time.as_str()),
        (b",\"append_id\":", append_id),
        (b",\"aggregate_type\":", content.aggregate_type),
        (b",\"aggregate_id\":", content.aggregate_id),
    ] {
        out.extend_from_slice(name);
        canonical_text::append_string(text, out)?;
    }
    out.extend_from_slice(b",\"sequence\":");
    out.extend_from_slice(content.sequence.to_string().as_bytes());
    for (name, text) in [
        (&b",\"event_type\":"[..], content.event_type),
        (b",\"event_version\":", content.event_version),
    ] {
        out.extend_from_slice(name);
        canonical_text::append_string(text, out)?;
    }
    for (name, json) in [
        (&b",\"payload\":"[..], content.payload),
        (b",\"metadata\":", content.metadata),
    ] {
        out.extend_from_slice(name);
        let begin = out.len();
        canonical_text::append(json, out)?;
        is_ordered_alike(&out[begin..]).then_some(())?;
    }
    if row.hash.len() != 32 {
        return None;
    }
    out.extend_from_slice(b",\"hash\":\"");
    let begin = out.len();
    out.resize(begin + 64, 0);
    hex::encode_to_slice(row.hash, &mut out[begin..]).ok()?;
    out.extend_from_slice(b"\"}\n");
    Some(())
}

/// What the chain needs of a line without its line feed; `canonical` is room to work in.
pub(super) fn link(line: &[u8], canonical: &mut Vec<u8>) -> Option<Link> {
    canonical.clear();
    let mut reader = Reader {
        text: std::str::from_utf8(line).ok()?,
        at: 0,
        canonical,
    };
    reader.literal("{\"position\":")?;
    let position = Position(reader.integer()?);
    reader.literal(",\"recorded_at\":\"")?;
    let microseconds = reader.time()?;
    reader.literal("\",\"append_id\":")?;
    let append_id = reader.uuid()?;
    reader.literal(",\"aggregate_type\":")?;
    let aggregate_type = reader.string()?;
    reader.literal(",\"aggregate_id\":")?;
    let aggregate_id = reader.string()?;
    reader.literal(",\"sequence\":")?;
    let begin = reader.at;
    reader.integer()?;
    let sequence = begin..reader.at;
    reader.literal(",\"event_type\":")?;
    let event_type = reader.string()?;
    reader.literal(",\"event_version\":")?;
    let event_version = reader.string()?;
    reader.literal(",\"payload\":")?;
    let payload = reader.value()?;
    reader.literal(",\"metadata\":")?;
    let metadata = reader.value()?;
    reader.literal(",\"hash\":\"")?;
    let hash = reader.hash()?;
    reader.literal("\"}")?;
    if reader.at != line.len() {
        return None;
    }
    canonical.clear();
    for (name, value) in [
        (&b"{\"aggregate_id\":"[..], aggregate_id),
        (b",\"aggregate_type\":", aggregate_type),
        (b",\"append_id\":", append_id),
        (b",\"event_type\":", event_type),
        (b",\"event_version\":", event_version),
        (b",\"metadata\":", metadata),
        (b",\"payload\":", payload),
        (b",\"sequence\":", sequence),
    ] {
        canonical.extend_from_slice(name);
        canonical.extend_from_slice(&line[value]);
    }
    canonical.push(b'}');
    Some(Link {
        position,
        microseconds,
        content: Some(Sha256::digest(&*canonical).into()),
        hash,
    })
}

/// Whether names in this text are in the same order by bytes, as in a line, and by UTF-16 code units, as in the canonical
/// form: the two differ between U+E000 to U+FFFF and what is beyond.
fn is_ordered_alike(text: &[u8]) -> bool {
    text.is_ascii()
        || !(text.iter().any(|byte| *byte >= 0xf0)
            && text.iter().any(|byte| matches!(byte, 0xee | 0xef)))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    canonical: &'a mut Vec<u8>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.text.as_bytes().get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn literal(&mut self, expected: &str) -> Option<()> {
        (self.take(expected.len())? == expected.as_bytes()).then_some(())
    }

    fn integer(&mut self) -> Option<i64> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = self.take(length)?;
        let is_canonical = (1..=16).contains(&length) && (length == 1 || digits[0] != b'0');
        let value = digits.iter().fold(0, |value: i64, digit| {
            value.wrapping_mul(10).wrapping_add((digit - b'0').into())
        });
        (is_canonical && value <= LARGEST_INTEGER).then_some(value)
    }

    /// So many digits.
    fn digits(&mut self, length: usize) -> Option<u32> {
        self.take(length)?.iter().try_fold(0, |value: u32, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10 + u32::from(digit - b'0'))
        })
    }

    /// A time, up to its `Z`, with as many digits of the fraction as it needs.
    fn time(&mut self) -> Option<i64> {
        let year = i32::try_from(self.digits(4)?).ok()?;
        self.literal("-")?;
        let month = self.digits(2)?;
        self.literal("-")?;
        let date = NaiveDate::from_ymd_opt(year, month, self.digits(2)?)?;
        self.literal("T")?;
        let hour = self.digits(2)?;
        self.literal(":")?;
        let minute = self.digits(2)?;
        self.literal(":")?;
        let second = self.digits(2)?;
        let mut fraction = 0;
        if self.text.as_bytes().get(self.at) == Some(&b'.') {
            self.at += 1;
            let milliseconds = self.digits(3)?;
            fraction = milliseconds * 1000;
            if self.text.as_bytes().get(self.at) == Some(&b'Z') {
                (milliseconds > 0).then_some(())?;
            } else {
                let microseconds = self.digits(3)?;
                (microseconds > 0).then_some(())?;
                fraction += microseconds;
            }
        }
        self.literal("Z")?;
        let time = date.and_hms_micro_opt(hour, minute, second, fraction)?;
        Some(time.and_utc().timestamp_micros())
    }

    fn uuid(&mut self) -> Option<Range<usize>> {
        let begin = self.at;
        self.literal("\"")?;
        for (index, byte) in self.take(36)?.iter().enumerate() {
            let is_right = match index {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            };
            is_right.then_some(())?;
        }
        self.literal("\"")?;
        Some(begin..self.at)
    }

    fn hash(&mut self) -> Option<[u8; 32]> {
        let digits = self.take(64)?;
        let is_lower = digits.iter().all(|digit| !digit.is_ascii_uppercase());
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).ok()?;
        is_lower.then_some(hash)
    }

    fn string(&mut self) -> Option<Range<usize>> {
        (self.text.as_bytes().get(self.at)? == &b'"').then_some(())?;
        self.value()
    }

    /// A value in its canonical spelling.
    fn value(&mut self) -> Option<Range<usize>> {
        self.canonical.clear();
        let value = self.at..canonical_text::append_at(self.text, self.at, DEPTH, self.canonical)?;
        self.at = value.end;
        let written = &self.text.as_bytes()[value.clone()];
        (written == self.canonical.as_slice() && is_ordered_alike(written)).then_some(value)
    }
}
