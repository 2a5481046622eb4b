//! Signed notes (C2SP signed-note): a text, and lines that sign it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{PublicKey, SigningKey};

const DASH: &str = "\u{2014} ";
/// More signature lines than anybody needs.
const SIGNATURES_MAX: usize = 100;

/// A text with its signatures, of which nothing is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// Ends with a line feed.
    pub text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A text is no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signed note")]
pub(crate) struct NotANote;

/// Whether a key may have this name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(|character: char| character.is_whitespace() || character == '+')
}

impl Note {
    pub fn new(text: String) -> Self {
        Self {
            text,
            signatures: Vec::new(),
        }
    }

    /// With the signature of a key under this name.
    #[must_use]
    pub fn signed_by(mut self, key: &SigningKey, name: &str) -> Self {
        self.signatures.push(Signature {
            name: name.to_owned(),
            id: key.public(name).id(),
            bytes: key.sign(&self.text).to_vec(),
        });
        self
    }

    /// Whether there is a signature of the key: `None`, there is none; or else whether it is right.
    pub fn is_signed_by(&self, key: &PublicKey) -> Option<bool> {
        let mut lines = self
            .signatures
            .iter()
            .filter(|line| line.name == key.name() && line.id == key.id())
            .peekable();
        lines.peek()?;
        Some(lines.all(|line| key.verifies(&self.text, &line.bytes)))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let signature = BASE64.encode([&id[..], bytes].concat());
            writeln!(f, "{DASH}{name} {signature}")?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NotANote;

    fn from_str(text: &str) -> Result<Self, NotANote> {
        if text.contains(|character: char| character < ' ' && character != '\n') {
            return Err(NotANote);
        }
        let blank = text.rfind("\n\n").ok_or(NotANote)?;
        let (text, lines) = (&text[..=blank], &text[blank + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NotANote)?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
        let signatures = signatures.filter(|lines| lines.len() <= SIGNATURES_MAX);
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures.ok_or(NotANote)?,
        })
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = BASE64.decode(bytes).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !signature.is_empty()).then(|| Signature {
        name: name.to_owned(),
        id: *id,
        bytes: signature.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use signed_note::{StandardVerifier, VerifierList};

    use super::*;

    fn note() -> (Note, [SigningKey; 2]) {
        let keys = [1, 2].map(|seed| SigningKey::from_seed([seed; 32]));
        let note = Note::new("one\n\ntwo\n".to_owned())
            .signed_by(&keys[0], "example.com/log")
            .signed_by(&keys[1], "example.com/log");
        (note, keys)
    }

    #[test]
    fn a_note_is_read_as_it_is_written_and_every_signature_is_checked() {
        let (note, keys) = note();
        let read: Note = note.to_string().parse().unwrap();
        assert_eq!(read, note);
        for key in &keys {
            let public = key.public("example.com/log");
            assert_eq!(read.is_signed_by(&public), Some(true));
            assert_eq!(read.is_signed_by(&key.public("example.com/other")), None);
            let changed: Note = note.to_string().replace("two", "tow").parse().unwrap();
            assert_eq!(changed.is_signed_by(&public), Some(false));
        }
        let text = note.to_string();
        for broken in [
            "",
            "\n\n",
            "text\n",
            text.trim_end(),
            &text.replace("\n\n\u{2014}", "\n\u{2014}"),
            &text.replace("one", "o\tne"),
            &text.replace("\u{2014} ", "- "),
        ] {
            assert_eq!(broken.parse::<Note>(), Err(NotANote), "{broken:?}");
        }
    }

    #[test]
    fn another_implementation_reads_and_verifies_a_note() {
        let (note, keys) = note();
        let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        assert_eq!(theirs.text(), note.text.as_bytes());
        let verifiers = keys.iter().map(|key| {
            let key = key.public("example.com/log").to_string();
            Box::new(StandardVerifier::new(&key).unwrap()) as Box<dyn signed_note::Verifier>
        });
        let (verified, unverified) = theirs
            .verify(&VerifierList::new(verifiers.collect()))
            .unwrap();
        assert_eq!((verified.len(), unverified.len()), (2, 0));
        assert_eq!(theirs.to_bytes(), note.to_string().into_bytes());
    }
}
