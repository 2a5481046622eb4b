//! Links between documents lead somewhere.

use std::path::PathBuf;

use crate::{read, repository};

/// Documents for readers of the repository, from its root.
fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> = ["", "docs", "docs/contract", "benches"]
        .iter()
        .flat_map(|dir| repository().join(dir).read_dir().unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    documents.sort();
    documents
}

/// The targets of `[text](target)` in Markdown.
fn targets(text: &str) -> Vec<&str> {
    let parts = text.split("](").skip(1);
    parts
        .filter_map(|part| Some(part.split_once(')')?.0))
        .collect()
}

/// Whether it is a link into the repository: not one elsewhere, and no pattern in a text that only looks like a link.
fn is_local(target: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./#-_".contains(c);
    !target.is_empty() && target.chars().all(is_plain)
}

/// The anchors that headings of a document get.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut wrong = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            if !is_local(target) {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            let is_there = path.exists()
                && (anchor.is_empty() || anchors(&read(&path)).iter().any(|known| known == anchor));
            if !is_there {
                wrong.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn anchors_are_as_markdown_makes_them() {
    assert_eq!(
        anchors("# A b\n## Debian 12 to 13\n"),
        ["a-b", "debian-12-to-13"]
    );
}
