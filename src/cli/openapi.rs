//! `chancery openapi`.

use std::io::Write;

use super::terminal;

/// Prints the document.
pub fn run() -> anyhow::Result<()> {
    let mut out = terminal::stdout();
    writeln!(out, "{}", crate::http::router::document().to_pretty_json()?)?;
    Ok(())
}
