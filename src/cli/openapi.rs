//! `chancery openapi`.

use std::io::Write;

/// Prints the document.
pub fn run() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", crate::http::router::document().to_pretty_json()?)?;
    Ok(())
}
