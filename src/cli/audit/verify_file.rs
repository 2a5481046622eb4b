//! Verification of a file: an export, a checkpoint or a proof.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chancery_ledger::{Checkpoint, Evidence, InclusionProof, verify_export};
use serde_json::{Map, Value};

use super::verify::Intact;
use crate::cli::failure::Failure;
use crate::cli::progress::progress_bar;

/// What stands before the signatures of a checkpoint.
const SIGNATURES: &[u8] = "\n\n\u{2014} ".as_bytes();
/// Checkpoints and proofs are not larger.
const SMALL_FILE: u64 = 16 << 20;

/// Verifies a file; `-` is an export on the standard input.
pub fn verify_file(path: &Path, evidence: &Evidence) -> Result<Intact, Failure> {
    if path == Path::new("-") {
        return verify_export_in(std::io::stdin().lock(), evidence);
    }
    let named = |error: std::io::Error| Failure::NotFound(format!("{}: {error}", path.display()));
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(named)?);
    let start = file.fill_buf().map_err(named)?;
    let is_note = start
        .windows(SIGNATURES.len())
        .any(|text| text == SIGNATURES);
    let is_json = start.starts_with(b"{");
    if start.starts_with(b"{\"format\":") || !(is_json || is_note) {
        return verify_export_in(file, evidence);
    }
    let mut text = String::new();
    file.take(SMALL_FILE)
        .read_to_string(&mut text)
        .map_err(|_| foreign(path))?;
    if !is_json {
        let checkpoint = text.parse().map_err(|_| foreign(path))?;
        return verify_checkpoint(checkpoint, evidence);
    }
    let members: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
        if error.is_eof() {
            Failure::Damaged(format!("{} is cut off", path.display()))
        } else {
            foreign(path)
        }
    })?;
    if !members.contains_key("proof") {
        return Err(foreign(path));
    }
    let proof: InclusionProof = serde_json::from_str(&text)
        .map_err(|error| Failure::Damaged(format!("{}: {error}", path.display())))?;
    verify_proof(&proof, evidence)
}

fn foreign(path: &Path) -> Failure {
    Failure::Foreign(format!(
        "{} is no export, checkpoint or proof of a ledger",
        path.display()
    ))
}

fn verify_export_in(file: impl BufRead, evidence: &Evidence) -> Result<Intact, Failure> {
    let bar = progress_bar("verify")?;
    let verified = verify_export(file, evidence, |position| {
        bar.set_position(u64::try_from(position.0).unwrap_or_default());
    });
    bar.finish_and_clear();
    let verified = verified?;
    Ok(Intact {
        what: "export",
        events: verified.verified.events,
        last: Some(verified.verified.last),
        hash: Some(verified.verified.hash),
        checkpoints: verified.checkpoints,
        attested: verified.attested,
        is_unsigned: false,
    })
}

fn verify_proof(proof: &InclusionProof, evidence: &Evidence) -> Result<Intact, Failure> {
    let kept = evidence
        .checkpoints
        .iter()
        .find(|kept| kept.position == proof.proof.checkpoint.position);
    if kept.is_none() && !evidence.checkpoints.is_empty() {
        let message = "the proof is against another checkpoint than the one given; make one with `chancery audit prove --checkpoint`";
        return Err(Failure::Usage(message.to_owned()));
    }
    proof.verify(kept, &evidence.keys)?;
    Ok(Intact {
        what: "proof",
        events: 1,
        last: Some(proof.position),
        hash: None,
        checkpoints: 1,
        attested: Some(proof.proof.checkpoint.clone()),
        is_unsigned: false,
    })
}

fn verify_checkpoint(checkpoint: Checkpoint, evidence: &Evidence) -> Result<Intact, Failure> {
    if evidence.keys.is_empty() {
        let message = "a checkpoint's signature is checked against a public key: give --public-key";
        return Err(Failure::Usage(message.to_owned()));
    }
    let is_signed_by = |key| checkpoint.is_signed_by(key) == Some(true);
    if !evidence.keys.iter().any(is_signed_by) {
        let message = "the checkpoint is not signed by that key";
        return Err(Failure::Altered(message.to_owned()));
    }
    Ok(Intact {
        what: "checkpoint",
        events: 0,
        last: None,
        hash: None,
        checkpoints: 1,
        attested: Some(checkpoint),
        is_unsigned: false,
    })
}
